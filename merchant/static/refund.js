/* Giving money back: reckons what the chosen lines bring back, and sends one wish that is carried out once. */

import { api, at, busy, cut, exponent, money, t } from './shared/app.js';
import { minorUnits } from './shared/keypad.js';

const REASON_BYTES = 120;
const part = (name) => document.getElementById(name);
const form = part('refund');
const { intent, left, currency } = form.dataset;
const most = Number(left);
const isSplit = 'split' in form.dataset;
const hows = [...document.querySelectorAll('[data-how]')];
const lines = [...document.querySelectorAll('.back-line')];
const key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;

let how = 'all';

const number = (line, name) => Number(line.dataset[name]);
const remaining = (line) => number(line, 'quantity') - number(line, 'returned');
const chosen = (line) => Number(line.querySelector('output')?.value ?? 0);

/** What so many more of a line bring back: one by one they bring back the whole, to the last minor unit. */
function worth(line, count) {
  const cost = (sold) => Math.floor((number(line, 'net') * sold) / number(line, 'quantity'));
  return cost(number(line, 'returned') + count) - cost(number(line, 'returned'));
}

/** The wish as it stands: how much, and which lines; null when it is none. */
function wish() {
  if (how === 'all') return { minor: most, back: isSplit ? [] : lines.map((line) => [line, remaining(line)]) };
  if (how === 'amount') {
    const minor = typed();
    return minor === null ? null : { minor, back: [] };
  }
  const back = lines.map((line) => [line, chosen(line)]);
  const minor = Math.min(most, back.reduce((sum, [line, count]) => sum + worth(line, count), 0));
  return minor ? { minor, back } : null;
}

/** Minor units of the typed amount between one and what is left; null for anything else. */
function typed() {
  const plain = part('amount').value.trim().replace(',', '.');
  if (!/^\d{1,13}(\.\d*)?$/.test(plain) || (plain.split('.')[1] ?? '').length > exponent(currency)) return null;
  const minor = minorUnits(plain, exponent(currency));
  return minor >= 1 && minor <= most ? minor : null;
}

function draw() {
  const now = wish();
  part('go').disabled = !now;
  part('go').textContent = now ? t('sale.refund_do', { amount: money(now.minor, currency) }) : t('refund.choose');
  part('amount').setAttribute('aria-invalid', String(how === 'amount' && !now));
  for (const line of lines) {
    const count = chosen(line);
    const less = line.querySelector('.less');
    if (!less) continue;
    less.disabled = count === 0;
    line.querySelector('.more').disabled = count === remaining(line);
    line.querySelector('.end').textContent = money(count ? worth(line, count) : worth(line, remaining(line)), currency);
    line.classList.toggle('chosen', count > 0);
  }
}

function choose(next) {
  how = next;
  for (const button of hows) button.setAttribute('aria-pressed', String(button.dataset.how === how));
  if (part('by-lines')) part('by-lines').hidden = how !== 'lines';
  part('by-amount').hidden = how !== 'amount';
  if (part('to-stock')) part('to-stock').hidden = how === 'amount' || (how === 'all' && isSplit);
  if (how === 'amount') part('amount').select();
  draw();
}

for (const button of hows) button.addEventListener('click', () => choose(button.dataset.how));
for (const line of lines) {
  for (const [name, by] of [['less', -1], ['more', 1]]) {
    line.querySelector(`.${name}`)?.addEventListener('click', () => {
      line.querySelector('output').value = Math.max(0, Math.min(remaining(line), chosen(line) + by));
      draw();
    });
  }
}
part('amount').addEventListener('input', draw);
part('to-stock')?.addEventListener('click', ({ currentTarget: button }) => {
  button.setAttribute('aria-checked', String(button.getAttribute('aria-checked') !== 'true'));
});
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const now = wish();
  if (now) busy(part('go'), () => send(now));
});

async function send({ minor, back }) {
  const picked = form.querySelector('[name=why]:checked')?.value ?? '';
  const reason = cut([picked, part('reason').value.trim()].filter(Boolean).join(': '), REASON_BYTES);
  const coming = back.filter(([, count]) => count).map(([line, count]) => [line.dataset.position, count]);
  const body = {
    amount_minor: minor,
    reason,
    ...(coming.length ? { lines: Object.fromEntries(coming), to_stock: part('to-stock')?.getAttribute('aria-checked') === 'true' } : {}),
  };
  part('refused').textContent = '';
  try {
    await api('POST', `/api/sales/${intent}/refund`, body, { 'Idempotency-Key': key });
    location.replace(at(`/sales/${intent}`));
  } catch (problem) {
    part('refused').textContent = problem.isUnknown ? t('refund.unknown') : problem.message;
    if (problem.isUnknown) lock(); // what may have been carried out can only be sent again as it was
  }
}

function lock() {
  for (const control of form.querySelectorAll('input, button:not(#go)')) control.disabled = true;
}

draw();
