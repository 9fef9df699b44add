/* Taking money from the demo bank: the operator signs that order, so all that goes out is the amount. */

import { api, busy, money, showFigure, t } from './shared/app.js';
import { keypad } from './shared/keypad.js';
import { newJti } from './shared/sm1.js';
import { facts, go } from './facts.js';
import { hex } from './phone.js';

const part = (name) => document.getElementById(name);

let amount_minor = 0;
let key = hex(newJti()); // kept until it is known what became of it: pressed again, it is the same top-up

async function take() {
  part('problem').hidden = true;
  try {
    const done = await api('POST', '/api/bank/top-ups', { amount_minor }, { 'Idempotency-Key': key });
    go(`/paid/${done.transfer}`, true);
  } catch (problem) {
    part('problem').querySelector('p').textContent = problem.message;
    part('problem').hidden = false;
    part('problem').focus();
  }
}

part('pay').addEventListener('submit', (event) => {
  event.preventDefault();
  if (amount_minor) busy(part('go'), take);
});
keypad(part('keypad'), {
  onChange(minor) {
    if (minor !== amount_minor) key = hex(newJti());
    amount_minor = minor;
    showFigure(part('amount'), minor, facts.currency);
    part('go').disabled = !minor;
    part('go').textContent = minor ? t('bank.take', { amount: money(minor, facts.currency) }) : t('pay.enter_amount');
  },
  onEnter: (minor) => minor && part('pay').requestSubmit(),
});
