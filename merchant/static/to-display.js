/* What the register tells the customer's display while a cart is being filled: windows of one browser talk directly. */

import { at } from './shared/app.js';

const NAME = `saoma-cart-${at('')}`;
const channel = 'BroadcastChannel' in window ? new BroadcastChannel(NAME) : null;

/** Show a cart on this browser's display: `lines` of {name, detail, minor}; none of them takes it away. */
export function showCart(lines, totalMinor, currency) {
  channel?.postMessage({ lines, totalMinor, currency });
}

/** Hear of carts: `onCart({lines, totalMinor, currency})`. */
export function hearCarts(onCart) {
  channel?.addEventListener('message', ({ data }) => onCart(data));
}
