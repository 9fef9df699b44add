/* The list of sales: takes the first page's rows in anew whenever something happens at this shop. */

import { at, say, t } from './shared/app.js';
import { live } from './shared/live.js';
import { localTimes } from './times.js';

const list = document.getElementById('sales');

localTimes();
if ('after' in list.dataset) {
  const names = ['created', 'scanned', 'confirmation_required', 'declined', 'authorized', 'captured', 'voided', 'refunded', 'canceled', 'expired'].map((name) => `intent.${name}`);
  live('/events', { on: Object.fromEntries(names.map((name) => [name, refresh])), after: Number(list.dataset.after), poll: refresh });
}

let wanted = 0;

/** The rows as they stand. Of several that are under way at once only the last one asked for is shown. */
async function refresh() {
  const mine = ++wanted;
  const answer = await fetch(at('/sales/rows'), { cache: 'no-store', redirect: 'error' });
  const rows = answer.ok ? await answer.text() : null;
  if (rows === null || mine !== wanted) return;
  const fresh = document.createElement('ul');
  fresh.innerHTML = rows;
  localTimes(fresh);
  const top = list.querySelector('a')?.href;
  const focused = list.contains(document.activeElement) ? document.activeElement.href : null;
  list.replaceChildren(...fresh.children);
  document.getElementById('list').hidden = false;
  document.getElementById('none')?.remove();
  if (focused) [...list.querySelectorAll('a')].find((row) => row.href === focused)?.focus();
  const newest = list.querySelector('a');
  if (newest && newest.href !== top) say(t('sales.new', { what: newest.querySelector('.end').innerText.replace(/\s+/g, ' ') }));
}
