/* Collecting: the request is sealed anew and its code drawn anew while the amount is typed. A request is paid once, so
   after each payment there is a new one. */

import { api, money, say, showFigure, t } from './shared/app.js';
import { keypad } from './shared/keypad.js';
import { digits, newJti, sealRequest } from './shared/sm1.js';
import { facts } from './facts.js';
import { deviceKey, isServerHeld, nowS } from './phone.js';

const SETTLE_MS = 180;
const TTL_S = 86400;
const part = (name) => document.getElementById(name);

let amount_minor = 0;
let newest = 0;
let waiting;

/** Make and draw a request for the amount as it stands; a slower, older drawing never covers a newer one. */
async function draw() {
  const mine = ++newest;
  part('code').classList.add('stale');
  try {
    const { code, svg } = await api('POST', '/api/requests', await request());
    if (mine !== newest) return;
    part('drawing').innerHTML = svg;
    part('copy').dataset.copy = code;
    part('copy').disabled = false;
    part('code').classList.remove('stale');
    part('code').dataset.amount = amount_minor;
  } catch (problem) {
    if (mine === newest) tell(problem.message, 'bad');
  }
}

/** Show a sentence above the amount, and have it read out. `kind` is ok or bad. */
function tell(text, kind) {
  part('notice').className = `notice ${kind}`;
  part('notice').hidden = false;
  part('notice-text').textContent = text;
  say(text);
}

async function request() {
  const amount = amount_minor || null;
  if (isServerHeld()) return { amount_minor: amount, memo: null, ttl_s: TTL_S };
  const fields = {
    handle: facts.handle, amount_minor: amount, currency: facts.currency_number,
    issued_at_s: nowS(), ttl_s: TTL_S, jti: newJti(),
  };
  return { request: digits(await sealRequest(fields, await deviceKey(), facts.realm)) };
}

const NEWS = {
  'transfer.posted'(transfer) {
    if (transfer.payee_id !== facts.user) return;
    const text = t('collect.received', { amount: money(transfer.amount_minor, transfer.currency), name: transfer.payer });
    tell(text, 'ok');
    import('./shared/chime.js').then(({ buzz, chime }) => (chime(), buzz()), () => {});
    draw();
  },
};

draw();
import('./code.js').catch(() => {});
import('./shared/live.js').then(({ live }) => live('/events', { after: facts.after, on: NEWS }), () => {});
keypad(part('keypad'), {
  onChange(minor) {
    if (minor === amount_minor) return;
    amount_minor = minor;
    newest += 1; // what is being drawn is for another amount
    showFigure(part('amount'), minor, facts.currency);
    part('what').textContent = minor ? t('collect.amount', { amount: money(minor, facts.currency) }) : t('collect.any_amount');
    part('code').classList.add('stale');
    clearTimeout(waiting);
    waiting = setTimeout(draw, SETTLE_MS);
  },
});
