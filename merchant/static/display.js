/* The customer's display: follows its terminal by the journal of events, and shows what the service says each time. */

import { at, money, say, showFigure } from './shared/app.js';
import { live } from './shared/live.js';
import { answerPictures } from './shared/virtual-camera.js';
import { hearCarts } from './to-display.js';
import { announce, voiceSwitch } from './voice.js';

const stage = document.getElementById('stage');
const cart = document.getElementById('cart');
const full = document.getElementById('full');
const now = () => document.getElementById('now');

let shown = stage.innerHTML;
let ending = 0;
let filled = null; // the cart that the register in this browser is filling

let asking = null;

/** Look what is on, after whoever is looking already: an older answer never replaces a newer one. */
function look() {
  asking = (asking ?? Promise.resolve()).then(fetched, fetched);
  return asking;
}

/** Fetch what is on. The page is only touched when that is something else: a tick is drawn once. */
async function fetched() {
  const answer = await fetch(at('/display/now') + location.search, { credentials: 'same-origin', cache: 'no-store' });
  if (answer.redirected || answer.status === 401) location.reload(); // signed out: the sign-in page says so
  if (!answer.ok) return;
  const before = now().dataset.state;
  const fresh = (await answer.text()).trim();
  if (fresh.replace(/data-left="-?\d+"/, '') !== shown.replace(/data-left="-?\d+"/, '')) {
    shown = fresh;
    stage.innerHTML = fresh;
    if (now().dataset.state !== before) tell();
  }
  settle();
}

function tell() {
  const { state, sale, minor, currency } = now().dataset;
  say(now().querySelector('[data-says]')?.textContent.trim() ?? '');
  if (state === 'paid') announce(sale, Number(minor), currency);
}

/** Show the cart while nothing is to be paid, and look again when what is shown has had its time. */
function settle() {
  const isIdle = now().dataset.state === 'idle';
  cart.hidden = !(isIdle && filled?.lines.length);
  stage.hidden = !cart.hidden;
  clearTimeout(ending);
  const { left } = now().dataset;
  if (left) ending = setTimeout(() => look().catch(() => {}), Math.max(200, Number(left) + 100));
}

function showCart({ lines, totalMinor, currency }) {
  filled = { lines };
  showFigure(document.getElementById('cart-total'), totalMinor, currency);
  document.getElementById('cart-lines').replaceChildren(...lines.map((line) => row(line, currency)));
  settle();
}

function row({ name, detail, minor }, currency) {
  const item = document.createElement('li');
  const [what, worth] = [document.createElement('span'), document.createElement('span')];
  what.textContent = detail ? `${name} · ${detail}` : name;
  worth.textContent = money(minor, currency);
  worth.className = 'money';
  item.append(what, worth);
  return item;
}

const poke = () => look().catch(() => {});
const names = ['created', 'scanned', 'confirmation_required', 'became_unknown', 'declined', 'authorized', 'captured', 'voided', 'canceled', 'expired'];
live('/events', { on: Object.fromEntries(names.map((name) => [`intent.${name}`, poke])), after: Number(stage.dataset.after), poll: look });
hearCarts(showCart);
voiceSwitch(document.getElementById('voice'));
answerPictures();
settle();
document.getElementById('status').classList.add('shown');
document.addEventListener('visibilitychange', () => document.hidden || (poke(), keepAwake()));
keepAwake();

full.hidden = !document.fullscreenEnabled;
full.addEventListener('click', () => document.documentElement.requestFullscreen().catch(() => {}));

/** A display that goes dark shows nothing. Not every browser can be asked. */
function keepAwake() {
  navigator.wakeLock?.request('screen').catch(() => {});
}
