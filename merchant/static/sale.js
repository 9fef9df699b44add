/* One sale's history, looked at again when something happens to it; and the sheets that capture and void. */

import { api, at, busy, cut, exponent, money, t } from './shared/app.js';
import { minorUnits } from './shared/keypad.js';
import { live } from './shared/live.js';
import { answerPictures } from './shared/virtual-camera.js';
import { localTimes } from './times.js';

const REASON_BYTES = 120;
const { intent, after, currency } = document.getElementById('sale').dataset;
const decimals = exponent(currency);
const names = ['scanned', 'confirmation_required', 'became_unknown', 'declined', 'authorized', 'captured', 'voided', 'refunded', 'made_good', 'canceled', 'expired'].map((name) => `intent.${name}`);

let isOld = false;

/** The page shows what is new; while somebody types into a sheet it waits until that is closed. */
function look(news) {
  isOld ||= news.intent === intent;
  if (isOld && !document.querySelector('dialog[open]')) location.reload();
}

localTimes();
answerPictures();
live('/events', { on: Object.fromEntries(names.map((name) => [name, look])), after: Number(after) });

for (const opener of document.querySelectorAll('[data-opens]')) {
  opener.addEventListener('click', () => open(document.getElementById(opener.dataset.opens)));
}
for (const form of document.querySelectorAll('dialog form')) prepare(form);
for (const sheet of document.querySelectorAll('dialog')) sheet.addEventListener('close', () => isOld && location.reload());

/** Each opening is one wish: however often it is sent, it is carried out once. */
function open(sheet) {
  sheet.dataset.key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  complain(sheet, '');
  sheet.querySelector('form').reset();
  sheet.querySelector('input')?.dispatchEvent(new Event('input'));
  sheet.showModal();
  sheet.querySelector('input')?.select();
}

function prepare(form) {
  const { act, most } = form.dataset;
  const amount = form.querySelector(`#${act}-amount`);
  const button = form.querySelector('.primary');
  amount?.addEventListener('input', () => {
    const minor = minorOf(amount.value, Number(most));
    amount.setAttribute('aria-invalid', String(minor === null));
    button.disabled = minor === null;
    if (minor !== null) button.textContent = t(`sale.${act}_do`, { amount: money(minor, currency) });
  });
  form.querySelector('[data-closes]').addEventListener('click', () => form.closest('dialog').close());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const minor = amount ? minorOf(amount.value, Number(most)) : undefined;
    if (minor === null) return complain(form, t('sale.bad_amount', { most: money(Number(most), currency) }));
    const reason = form.querySelector(`#${act}-reason`);
    const body = { amount_minor: minor, reason: reason ? cut(reason.value, REASON_BYTES) : undefined };
    return busy(button, () => send(form, act, body));
  });
}

async function send(form, act, body) {
  const { key } = form.closest('dialog').dataset;
  try {
    await api('POST', `/api/sales/${intent}/${act}`, body, { 'Idempotency-Key': key });
    location.reload();
  } catch (problem) {
    complain(form, problem.message);
  }
}

function complain(within, sentence) {
  within.querySelector('[role=alert]').textContent = sentence;
}

/** Minor units of a typed amount between one and `most`; null for anything else. */
function minorOf(text, most) {
  const plain = text.trim().replace(',', '.');
  if (!/^\d{1,13}(\.\d*)?$/.test(plain) || (plain.split('.')[1] ?? '').length > decimals) return null;
  const minor = minorUnits(plain, decimals);
  return minor >= 1 && minor <= most ? minor : null;
}
