/* A scanner that types at the register: a barcode adds its item, a customer's pay code charges the sale. */

import { say, t } from './shared/app.js';
import { isPayerCode, keepForCheckout } from './presented.js';
import { wedge } from './wedge.js';

/**
 * Listen from now on. `items` by id; `isEmpty()` whether there is nothing to charge; `pad` is the keypad, out of whose amount
 * the scanned digits are taken again; `choose(item)` adds one; `pay(presented)` charges, and calls `presented` once there is a
 * sale.
 */
export function listen({ items, isEmpty, pad, choose, pay }) {
  let before = 0; // the typed amount when a scanner, or a person, began to press keys
  wedge((text) => {
    pad.set(before);
    if (document.querySelector('dialog[open]')) return;
    const item = [...items.values()].find(({ sku }) => sku === text.trim());
    if (item) choose(item);
    else if (!isPayerCode(text)) say(t('register.unknown_barcode', { code: text.slice(0, 32) }));
    else if (isEmpty()) say(t('register.scan_goods_first'));
    else pay(() => keepForCheckout(text));
  }, { onBegin: () => { before = pad.minor; } });
}
