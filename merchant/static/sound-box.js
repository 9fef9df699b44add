/* The sound box: each payment at the printed code is shown and announced as it comes in, once. */

import { at, money, say, t } from './shared/app.js';
import { soundsAreOn } from './shared/chime.js';
import { live } from './shared/live.js';
import { localTimes } from './times.js';
import { announce, voiceSwitch } from './voice.js';

const MOST_ONE_BY_ONE = 3; // more than these at once, after an outage, are told by their sum

const feed = document.getElementById('feed');
const rows = () => [...feed.querySelectorAll('[data-payment]')];

let known = new Set(rows().map((row) => row.dataset.payment));
let asking = null;

/** Fetch the newest payments of this day, by the reader's own clock. */
async function fetched() {
  const since = new Date().setHours(0, 0, 0, 0);
  const answer = await fetch(`${at('/sound-box/rows')}?since=${since}`, { credentials: 'same-origin', cache: 'no-store' });
  if (answer.redirected || answer.status === 401) location.reload();
  if (!answer.ok) return;
  feed.innerHTML = await answer.text();
  localTimes(feed);
  tell(rows().filter((row) => !known.has(row.dataset.payment)).reverse());
  known = new Set([...known, ...rows().map((row) => row.dataset.payment)]);
}

function look() {
  asking = (asking ?? Promise.resolve()).then(fetched);
  return asking.catch(() => {}).finally(() => (asking = null));
}

function tell(fresh) {
  if (!fresh.length) return;
  const sums = fresh.map(({ dataset: { payment, minor, currency } }) => ({ payment, minor: Number(minor), currency }));
  const { currency } = sums[0];
  const total = sums.reduce((sum, { minor }) => sum + minor, 0);
  say(fresh.length > 1 ? t('box.many', { count: fresh.length, amount: money(total, currency) }) : t('box.came', { amount: money(total, currency) }));
  feed.querySelector('.newest-in').classList.add('fresh');
  if (sums.length > MOST_ONE_BY_ONE) announce(sums.at(-1).payment, total, currency);
  else for (const each of sums) announce(each.payment, each.minor, currency);
}

voiceSwitch(document.getElementById('voice'));
live('/events', { on: { 'intent.captured': look, 'intent.refunded': look }, after: Number(feed.dataset.after), poll: look });
document.addEventListener('visibilitychange', () => document.hidden || look());
localTimes();
look();

/** A browser lets a page sound only after a touch: say so until there was one. */
const silent = document.getElementById('silent');
silent.hidden = !soundsAreOn() || navigator.userActivation?.hasBeenActive !== false;
addEventListener('pointerdown', () => (silent.hidden = true), { once: true });
addEventListener('keydown', () => (silent.hidden = true), { once: true });
