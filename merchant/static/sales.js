/* The list of sales: a header before each of the reader's own days, and the first page's rows taken in anew whenever
   something happens at this shop. */

import { at, say, t } from './shared/app.js';
import { live } from './shared/live.js';
import { localTimes } from './times.js';

const list = document.getElementById('sales');
const search = document.getElementById('search');

localTimes();
headDays(list);
tellZone();
search.addEventListener('change', ({ target }) => target.matches('select, [type=date]') && search.requestSubmit());
if ('after' in list.dataset) {
  const names = ['created', 'scanned', 'confirmation_required', 'became_unknown', 'declined', 'authorized', 'captured', 'voided', 'refunded', 'canceled', 'expired'].map((name) => `intent.${name}`);
  live('/events', { on: Object.fromEntries(names.map((name) => [name, refresh])), after: Number(list.dataset.after), poll: refresh });
}

let wanted = 0;

/** The rows as they stand. Of several that are under way at once only the last one asked for is shown. */
async function refresh() {
  const mine = ++wanted;
  const answer = await fetch(at('/sales/rows') + location.search, { cache: 'no-store', redirect: 'error' });
  const rows = answer.ok ? await answer.text() : null;
  if (rows === null || mine !== wanted) return;
  const fresh = document.createElement('ul');
  fresh.innerHTML = rows;
  const sums = fresh.querySelector('[data-sums]');
  if (sums) document.getElementById('sums').replaceChildren(...sums.childNodes);
  sums?.remove();
  localTimes(fresh);
  headDays(fresh);
  const top = list.querySelector('a')?.href;
  const focused = list.contains(document.activeElement) ? document.activeElement.href : null;
  list.replaceChildren(...fresh.children);
  const newest = list.querySelector('a');
  document.getElementById('list').hidden = !newest;
  if (newest) document.getElementById('none')?.remove();
  if (focused) [...list.querySelectorAll('a')].find((row) => row.href === focused)?.focus();
  if (newest && newest.href !== top) say(t('sales.new', { what: newest.querySelector('.end').innerText.replace(/\s+/g, ' ') }));
}

/** Put a header before the first sale of each day. */
function headDays(rows) {
  let last = null;
  for (const item of rows.querySelectorAll('li:not(.day)')) {
    const day = new Date(item.querySelector('time').dateTime);
    if (day.toDateString() !== last) {
      const header = document.createElement('li');
      header.className = 'day';
      header.append(Object.assign(document.createElement('h2'), { textContent: named(day) }));
      item.before(header);
    }
    last = day.toDateString();
  }
}

function named(day) {
  const ago = Math.round((new Date().setHours(12, 0, 0, 0) - new Date(day).setHours(12, 0, 0, 0)) / 86_400_000);
  if (ago === 0) return t('sales.today');
  if (ago === 1) return t('sales.yesterday');
  return new Intl.DateTimeFormat(document.documentElement.lang, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(day);
}

/** Tell the service which zone this reader is in: where a day begins is their own affair. */
function tellZone() {
  const { timeZone: zone } = new Intl.DateTimeFormat().resolvedOptions();
  if (!zone || zone === document.getElementById('found').dataset.zone) return;
  document.cookie = `saoma_zone=${encodeURIComponent(zone)}; path=${at('') || '/'}; max-age=31536000; samesite=lax`;
  if (new URLSearchParams(location.search).get('day')) location.reload();
}
