/* Complaining about a payment: the form is sent, and the page of the new dispute follows. */

import { api, busy, cut, t } from './shared/app.js';
import { minorUnits } from './shared/keypad.js';
import { go } from './facts.js';

const WORDS_BYTES = 600;
const form = document.getElementById('dispute');
const problem = document.getElementById('problem');
const { transfer, most, exponent } = form.dataset;

/** Minor units of the typed amount, between one and what is left of the payment; null for anything else. */
function minorOf(text) {
  const plain = text.trim().replace(',', '.');
  if (!/^\d{1,13}(\.\d*)?$/.test(plain) || (plain.split('.')[1] ?? '').length > Number(exponent)) return null;
  const minor = minorUnits(plain, Number(exponent));
  return minor >= 1 && minor <= Number(most) ? minor : null;
}

function tell(sentence) {
  problem.querySelector('p').textContent = sentence;
  problem.hidden = !sentence;
  if (sentence) problem.focus();
}

form.amount.addEventListener('input', () => {
  form.amount.removeAttribute('aria-invalid');
  tell('');
});

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const amount_minor = minorOf(form.amount.value);
  form.amount.setAttribute('aria-invalid', String(amount_minor === null));
  if (amount_minor === null) return tell(t('dispute.bad_amount'));
  tell('');
  const body = { transfer, reason: form.reason.value, words: cut(form.words.value, WORDS_BYTES), amount_minor };
  return busy(document.getElementById('go'), async () => {
    try {
      const { id } = await api('POST', '/api/disputes', body);
      go(`/disputes/${id}`, true);
    } catch (refused) {
      tell(refused.message);
    }
  });
});
