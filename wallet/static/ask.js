/* Asking a contact for money: the amount is typed, this phone seals the request, the service takes it to the contact. */

import { api, busy, cut, money, showFigure, t } from './shared/app.js';
import { keypad } from './shared/keypad.js';
import { digits, newJti, sealRequest } from './shared/sm1.js';
import { facts, go } from './facts.js';
import { deviceKey, hex, isServerHeld, nowS } from './phone.js';

const MEMO_BYTES = 64; // what a code carries
const TTL_S = 7 * 86400;
const part = (name) => document.getElementById(name);

let amount_minor = 0;
let jti = newJti(); // kept until the request has gone out: pressed again after a doubtful answer, it is the same request

async function send() {
  part('problem').hidden = true;
  const memo = (part('note').value = cut(part('note').value, MEMO_BYTES)) || null;
  try {
    const { id } = await api('POST', '/api/money-requests', { payer: part('view').dataset.payer, ...(await request(memo)) });
    go(`/requests/${id}`, true);
  } catch (problem) {
    if (!problem.isUnknown) jti = newJti();
    part('problem').querySelector('p').textContent = problem.message;
    part('problem').hidden = false;
    part('problem').focus();
  }
}

async function request(memo) {
  if (isServerHeld()) return { amount_minor, memo, ttl_s: TTL_S, jti: hex(jti) };
  const fields = {
    handle: facts.handle, amount_minor, currency: facts.currency_number, memo, issued_at_s: nowS(), ttl_s: TTL_S, jti,
  };
  return { request: digits(await sealRequest(fields, await deviceKey(), facts.realm)) };
}

part('pay').addEventListener('submit', (event) => {
  event.preventDefault();
  if (amount_minor) busy(part('go'), send);
});
part('note').addEventListener('input', () => (jti = newJti()));
keypad(part('keypad'), {
  onChange(minor) {
    amount_minor = minor;
    jti = newJti();
    showFigure(part('amount'), minor, facts.currency);
    part('go').disabled = !minor;
    part('go').textContent = minor ? t('request.ask_for', { amount: money(minor, facts.currency) }) : t('pay.enter_amount');
  },
  onEnter: (minor) => minor && part('pay').requestSubmit(),
});
