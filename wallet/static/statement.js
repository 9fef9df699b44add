/* The statement: a header before each of the reader's own days, and new entries as they come. */

import { t } from './shared/app.js';
import { keepFresh, MONEY_NEWS } from './fresh.js';
import { written } from './times.js';

/** Put a header before the first entry of each day. */
function headDays() {
  let last = null;
  for (const item of document.querySelectorAll('.days > li:not(.day)')) {
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
  return ago === 0 ? t('statement.today') : ago === 1 ? t('statement.yesterday') : written(day, 'day');
}

headDays();
keepFresh(['entries'], MONEY_NEWS, headDays);
