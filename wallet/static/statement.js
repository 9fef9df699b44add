/* The statement: a header before each of the reader's own days, months in the reader's own zone, and new entries as
   they come. */

import { at, t } from './shared/app.js';
import { keepFresh, MONEY_NEWS, refresh } from './fresh.js';
import { written } from './times.js';

const search = document.getElementById('search');

/** Put a header before the first entry of each day. */
function headDays() {
  for (const list of document.querySelectorAll('.days')) {
    let last = null;
    for (const item of list.querySelectorAll('li:not(.day)')) {
      const day = new Date(item.querySelector('time').dateTime);
      if (day.toDateString() !== last) {
        const header = document.createElement('li');
        header.className = 'day';
        header.append(Object.assign(document.createElement('h3'), { textContent: named(day) }));
        item.before(header);
      }
      last = day.toDateString();
    }
  }
}

function named(day) {
  const ago = Math.round((new Date().setHours(12, 0, 0, 0) - new Date(day).setHours(12, 0, 0, 0)) / 86_400_000);
  return ago === 0 ? t('statement.today') : ago === 1 ? t('statement.yesterday') : written(day, 'day');
}

/** Tell the service which zone this phone is in: where a month begins is the reader's own affair. */
async function tellZone() {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || zone === document.getElementById('statement').dataset.zone) return;
  document.cookie = `saoma_zone=${encodeURIComponent(zone)}; path=${at('') || '/'}; max-age=31536000; samesite=lax`;
  await refresh(['entries']);
  headDays();
}

search.addEventListener('change', ({ target }) => target.matches('select') && search.requestSubmit());
headDays();
tellZone();
keepFresh(['entries'], MONEY_NEWS, headDays);
