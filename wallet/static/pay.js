/* The form that pays: amount, PIN where it is needed, the order signed by this phone, and its way to the service. */

import { busy, cut, money, showFigure, t } from './shared/app.js';
import { digits, newJti, ORDER_KIND, sealOrder } from './shared/sm1.js';
import { facts } from './facts.js';
import { carryOut } from './pending.js';
import { aheadMs, deviceKey, hex, isClockMoved, isServerHeld, nowS, unhex } from './phone.js';

const MEMO_BYTES = 64; // what a code carries

const part = (name) => document.getElementById(name);

/** Bring the form `pay` to life. `terms`: {kind: 'pay' | 'hold' | 'send' | 'withdraw', payee, name, currency} and, or null,
    amount_minor, subject, memo, presented, and `label(amount)` for the button of an amount that was typed. */
export async function payForm(terms) {
  const button = part('go');
  let { amount_minor } = terms;
  const label = terms.label ?? ((amount) => t('pay.button', { amount }));

  const submit = () => {
    part('pay-problem').hidden = true;
    const note = part('note');
    if (note) note.value = cut(note.value, MEMO_BYTES);
    const memo = note?.value || terms.memo;
    return busy(button, () => pay({ ...terms, amount_minor, memo })).catch(refuse);
  };
  part('pay').addEventListener('submit', (event) => {
    event.preventDefault();
    if (amount_minor) submit();
  });
  part('mend').addEventListener('click', async () => {
    const { isLost, mend } = await import('./rekey.js');
    busy(part('mend'), async () => (await isLost()) && mend()).catch(refuse);
  });
  if (!part('keypad')) return;
  const { keypad } = await import('./shared/keypad.js');
  keypad(part('keypad'), {
    onChange(minor) {
      amount_minor = minor;
      showFigure(part('amount'), minor, terms.currency);
      button.disabled = !minor;
      button.textContent = minor ? label(money(minor, terms.currency)) : t('pay.enter_amount');
    },
    onEnter: (minor) => minor && submit(),
  });
}

async function pay(terms) {
  const { amount_minor, currency, name, presented } = terms;
  const key = isServerHeld() ? null : await deviceKey();
  const caution = part('caution');
  if (caution && amount_minor > Number(caution.dataset.above)) {
    if (!(await (await import('./caution.js')).isSure(caution))) return;
  }
  const needsPin = amount_minor > facts.no_pin_limit_minor;
  const confirmation = needsPin ? await (await import('./pin.js')).confirmation() : undefined;
  if (confirmation === null) return; // the person closed the sheet
  const before = aheadMs();
  const send = async (onRefused) => {
    const body = { ...(await signed(terms, key)), presented, confirmation };
    await carryOut({ body, amount_minor, currency, name }, onRefused);
  };
  // An order that came too late moved nothing and never will: where only the clock was moved, another one is signed.
  await send(async (problem) => (problem.code === 'code_expired' && (await isClockMoved(before)) ? send(refuse) : refuse(problem)));
}

/** The order, sealed by this phone; or its draft, where the service holds the key. Either is the same order for ever. */
async function signed({ kind, payee, amount_minor, currency, subject, memo }, key) {
  const [jti, issued_at_s] = [newJti(), nowS()];
  if (!key) return { draft: { kind, payee, amount_minor, currency, subject, memo, jti: hex(jti), issued_at_s, kid: facts.kid } };
  const order = {
    payee, amount_minor, memo, jti, issued_at_s, kind: ORDER_KIND[kind], currency: facts.currency_number,
    subject: subject ? unhex(subject) : null, ttl_s: 120,
  };
  return { order: digits(await sealOrder(order, key, facts.realm)) };
}

/** Say why nothing was paid, above the button and where a screen reader goes on. A key that is gone is made anew here. */
export function refuse({ code, message }) {
  part('view').hidden = false;
  part('mend').hidden = code !== 'key_lost';
  part('pay-problem').querySelector('p').textContent = message;
  part('pay-problem').hidden = false;
  part('pay-problem').focus();
}
