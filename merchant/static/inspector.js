/* The inspector: rows open when they are asked for, news come in from above until they are held back. */

import { at, say, t } from './shared/app.js';
import { copied } from './shared/copying.js';

const NEWS_MS = 1000;
const MOST = 400;
const page = document.getElementById('inspector');
const list = document.getElementById('entries');

showTimes();
document.addEventListener('toggle', ({ target }) => target.open && fill(target.querySelector('[data-inside]')), true);
document.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-copies], [data-copies-link]');
  if (button) copy('copiesLink' in button.dataset ? location.href : button.parentElement.querySelector('pre').textContent);
});
if ('live' in page.dataset) follow();

/** Fetch a row's inside once. */
async function fill(place) {
  if (!place || place.childElementCount) return;
  place.setAttribute('aria-busy', 'true');
  const answer = await fetch(at(`/inspector/entries/${place.dataset.inside}`), { cache: 'no-store', redirect: 'error' }).catch(() => null);
  place.removeAttribute('aria-busy');
  if (answer?.ok) place.innerHTML = await answer.text();
  else place.textContent = answer ? t('inspector.gone') : t('error.offline');
  showTimes(place);
}

async function copy(text) {
  if (await copied(text)) say(page.dataset.copied);
}

/** Ask for news each second, unless nobody looks or somebody reads in peace. */
function follow() {
  const pause = document.getElementById('pause');
  let after = page.dataset.after;
  let asking = false;
  pause.addEventListener('click', () => {
    const held = pause.getAttribute('aria-pressed') !== 'true';
    pause.setAttribute('aria-pressed', held);
    for (const word of pause.querySelectorAll('[data-when]')) word.hidden = word.dataset.when !== String(held);
    if (!held) ask();
  });
  setInterval(ask, NEWS_MS);

  async function ask() {
    if (asking || document.hidden || pause.getAttribute('aria-pressed') === 'true') return;
    asking = true;
    try {
      const query = new URLSearchParams(location.search);
      query.set('after', after);
      query.set('watched', [...list.querySelectorAll('[data-waits]')].map((row) => row.id).slice(0, 50).join());
      const answer = await fetch(at(`/inspector/rows?${query}`), { cache: 'no-store', redirect: 'error' });
      if (!answer.ok) return;
      const fresh = document.createElement('div');
      fresh.innerHTML = await answer.text();
      after = fresh.firstElementChild.dataset.after;
      take([...fresh.querySelectorAll('.wire')]);
    } catch {
      // nobody answered: asked again in a second
    } finally {
      asking = false;
    }
  }
}

/** Put rows where they belong: the newest first. One that is there already is replaced where it has changed. */
function take(rows) {
  for (const row of rows.reverse()) {
    const known = document.getElementById(row.id);
    if (known) {
      if (known.dataset.mark !== row.dataset.mark) {
        row.querySelector('details').open = known.querySelector('details').open;
        known.replaceWith(row);
      }
      continue;
    }
    row.classList.add('fresh');
    const below = [...list.children].find((other) => isBefore(other, row));
    list.insertBefore(row, below ?? null);
  }
  if (!rows.length) return;
  showTimes(list);
  document.getElementById('list').hidden = false;
  document.getElementById('none')?.remove();
  while (list.childElementCount > MOST) list.lastElementChild.remove();
}

function isBefore(other, row) {
  const [a, b] = [other, row].map(({ dataset }) => [Number(dataset.at), ...dataset.place.split('.').map(Number)]);
  const first = a.findIndex((value, index) => value !== b[index]);
  return first < 0 || a[first] < b[first];
}

/** Times of the reader's own clock, to the millisecond; the day too, where it is not today. */
function showTimes(root = document) {
  const language = document.documentElement.lang;
  for (const element of root.querySelectorAll('time[datetime]')) {
    const moment = new Date(element.dateTime);
    const day = moment.toDateString() === new Date().toDateString() ? {} : { month: 'short', day: 'numeric' };
    const form = { ...day, hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hourCycle: 'h23' };
    element.textContent = new Intl.DateTimeFormat(language, form).format(moment);
  }
}
