/* On every page of the till: what became of the sales that were unknown here, told once it can be learnt. */

import { api, at, money } from './shared/app.js';
import { forget, kept } from './kept-sales.js';

const AGAIN_MS = 3000;
const strip = document.getElementById('kept');
const here = document.getElementById('checkout') && location.pathname.split('/').pop(); // that page tells of its own sale

const END = { captured: 'paid', authorized: 'authorized', canceled: 'unpaid', expired: 'unpaid', declined: 'unpaid', voided: 'unpaid' };
const told = new Map();

document.getElementById('main').prepend(strip);
strip.style.marginBottom = 'var(--s4)';

async function settle() {
  const waiting = kept().filter((sale) => sale.id !== here && !told.has(sale.id));
  let isSilent = false;
  for (const sale of waiting) {
    try {
      const { status, payer } = await api('GET', `/api/sales/${sale.id}`);
      if (!END[status]) continue;
      if (sale.is_unknown) told.set(sale.id, { ...sale, end: END[status], payer });
      else forget(sale.id);
    } catch (problem) {
      if (problem.status === 404) forget(sale.id);
      isSilent ||= problem.isUnknown;
      if (problem.isUnknown) break;
    }
  }
  draw(isSilent);
  if (kept().some((sale) => sale.is_unknown && sale.id !== here && !told.has(sale.id))) setTimeout(settle, AGAIN_MS);
}

function draw(isSilent) {
  const unknown = isSilent ? kept().filter((sale) => sale.is_unknown && sale.id !== here && !told.has(sale.id)) : [];
  const rows = [...unknown.map((sale) => ({ ...sale, end: 'unknown' })), ...told.values()];
  strip.querySelector('ul').replaceChildren(...rows.map(row));
  strip.hidden = !rows.length;
}

function row(sale) {
  const item = document.getElementById('kept-row').content.cloneNode(true).firstElementChild;
  const words = strip.dataset[sale.end].replace('{amount}', money(sale.amount_minor, sale.currency)).replace('{who}', sale.payer ?? '');
  const link = item.querySelector('a');
  link.textContent = words;
  link.href = at(sale.end === 'unknown' ? `/checkout/${sale.id}` : `/sales/${sale.id}`);
  item.classList.toggle('warn', sale.end === 'unknown');
  item.classList.toggle('ok', sale.end === 'paid' || sale.end === 'authorized');
  const button = item.querySelector('button');
  button.hidden = sale.end === 'unknown';
  button.addEventListener('click', () => {
    forget(sale.id);
    told.delete(sale.id);
    item.remove();
    strip.hidden = !strip.querySelector('li');
  });
  return item;
}

if (kept().length) settle();
