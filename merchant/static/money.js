/* The shop's money: looked at again when a batch is closed, or when its payout arrives or comes back. Whether sales,
   ledger and file agree is asked row by row, so that a long list is there at once. */

import { at } from './shared/app.js';
import { live } from './shared/live.js';
import { localTimes } from './times.js';

const after = document.querySelector('[data-after]').dataset.after;
const names = ['batch.closed', 'batch.paid', 'batch.returned'];

async function match() {
  for (const place of document.querySelectorAll('[data-match]')) {
    const answer = await fetch(at(place.dataset.match), { cache: 'no-store', redirect: 'error' });
    if (answer.ok) place.innerHTML = await answer.text();
  }
}

localTimes();
match().catch(() => {});
live('/events', { on: Object.fromEntries(names.map((name) => [name, () => location.reload()])), after: Number(after) });
