/* The form that pays: amount, PIN where it is needed, the order signed by this phone, and its way to the service. */

import { busy, money, showFigure, t } from './shared/app.js';
import { keypad } from './shared/keypad.js';
import { digits, newJti, ORDER_KIND, sealOrder } from './shared/sm1.js';
import { carryOut } from './pending.js';
import { deviceKey, facts, hex, isServerHeld, nowS, unhex } from './phone.js';
import { confirmation } from './pin.js';

const TTL_S = 120;

/**
 * Bring the form `pay` to life. `terms`: {kind: 'pay' | 'send', payee, name, amount_minor or null, currency, subject or
 * null, memo or null, presented or null}.
 */
export function payForm(terms) {
  const form = document.getElementById('pay');
  const button = document.getElementById('go');
  const pad = form.querySelector('.keypad');
  let amount_minor = terms.amount_minor ?? 0;

  const submit = () => {
    document.getElementById('pay-problem').hidden = true;
    return busy(button, () => pay({ ...terms, amount_minor, memo: note(form) || terms.memo })).catch(refuse);
  };
  if (pad) {
    keypad(pad, {
      onChange(minor) {
        amount_minor = minor;
        showFigure(document.getElementById('amount'), minor, terms.currency);
        button.disabled = !minor;
        button.textContent = minor ? t('pay.button', { amount: money(minor, terms.currency) }) : t('pay.enter_amount');
      },
      onEnter: (minor) => minor && submit(),
    });
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (amount_minor) submit();
  });
}

async function pay(terms) {
  const isAbove = terms.amount_minor > facts.no_pin_limit_minor;
  const key = isServerHeld() ? null : await deviceKey();
  const confirmed = isAbove ? await confirmation() : undefined;
  if (confirmed === null) return; // the person closed the sheet
  const body = { ...(await signed(terms, key)), presented: terms.presented, confirmation: confirmed };
  const { amount_minor, currency, name } = terms;
  await carryOut({ body, amount_minor, currency, name }, refuse);
}

/** The order, sealed by this phone; or its draft, where the service holds the key. Either is the same order for ever. */
async function signed({ kind, payee, amount_minor, currency, subject, memo }, key) {
  const [jti, issued_at_s] = [newJti(), nowS()];
  if (!key) return { draft: { kind, payee, amount_minor, currency, subject, memo, jti: hex(jti), issued_at_s } };
  const order = {
    kind: ORDER_KIND[kind], payee, amount_minor, memo, jti, issued_at_s,
    currency: facts.currency_number, subject: subject ? unhex(subject) : null, ttl_s: TTL_S,
  };
  return { order: digits(await sealOrder(order, key, facts.realm)) };
}

/** Say why nothing was paid, above the button and where a screen reader goes on. */
export function refuse(problem) {
  const box = document.getElementById('pay-problem');
  document.getElementById('view').hidden = false;
  box.querySelector('p').textContent = problem.message;
  box.hidden = false;
  box.focus();
}

function note(form) {
  return form.querySelector('#note')?.value.trim() || null;
}
