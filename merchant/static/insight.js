/* The page of charts: follows what happens at the shop, tells the service which zone it is read in, and reads out the
   bar under the pointer or, with the arrow keys, under the finger that types. What it reads out is the table's row. */

import { at } from './shared/app.js';
import { live } from './shared/live.js';

const page = document.getElementById('insight');
const figures = document.getElementById('figures');
const NEWS = ['created', 'scanned', 'captured', 'refunded', 'authorized'].map((name) => `intent.${name}`);
const REST_MS = 1500;

let wanted = 0;
let resting = 0;
let here = -1;

/** The figures as they stand; tables that were open stay open. */
async function refresh() {
  const mine = ++wanted;
  const answer = await fetch(at(`/insight/figures?period=${page.dataset.period}`), { cache: 'no-store', redirect: 'error' });
  const text = answer.ok ? await answer.text() : null;
  if (text === null || mine !== wanted) return;
  const isOpen = figures.querySelector('details')?.open;
  const isFocused = figures.contains(document.activeElement) && document.activeElement.matches('.chart svg');
  figures.innerHTML = text;
  if (isOpen) figures.querySelector('details')?.setAttribute('open', '');
  if (isFocused) figures.querySelector('.chart svg')?.focus();
  show(here);
}

/** Many things at once ask for one look. */
function soon() {
  resting ||= setTimeout(() => {
    resting = 0;
    refresh().catch(() => {});
  }, REST_MS);
}

/** Bring bar number `index` out and say what it is; none for -1. */
function show(index) {
  const bars = [...figures.querySelectorAll('.chart g')];
  const readout = figures.querySelector('.readout');
  if (!readout) return;
  here = Math.min(index, bars.length - 1);
  bars.forEach((bar, number) => bar.classList.toggle('on', number === here));
  const row = figures.querySelectorAll('.figures tbody tr')[here];
  const heads = [...figures.querySelectorAll('.figures thead th')].map((head) => head.textContent);
  const cells = row ? [...row.cells].map((cell) => cell.textContent) : [];
  readout.dataset.best ??= readout.textContent;
  readout.textContent = cells.length ? `${cells[0]} · ${cells[1]} · ${heads[2]} ${cells[2]} · ${heads[3]} ${cells[3]}` : readout.dataset.best;
}

figures.addEventListener('pointermove', ({ target }) => {
  const bar = target.closest('.chart g');
  if (bar) show([...figures.querySelectorAll('.chart g')].indexOf(bar));
});
figures.addEventListener('keydown', (event) => {
  if (!event.target.matches('.chart svg')) return;
  const last = figures.querySelectorAll('.chart g').length - 1;
  const to = { ArrowRight: Math.min(here + 1, last), ArrowLeft: Math.max(here - 1, 0), Home: 0, End: last, Escape: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  show(to);
});

/** Where a day begins is the reader's own affair. */
function tellZone() {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || zone === page.dataset.zone) return;
  document.cookie = `saoma_zone=${encodeURIComponent(zone)}; path=${at('') || '/'}; max-age=31536000; samesite=lax`;
  refresh().catch(() => {});
}

tellZone();
live('/events', { on: Object.fromEntries(NEWS.map((name) => [name, soon])), after: Number(page.dataset.after), poll: refresh });
