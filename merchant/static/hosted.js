/* The hosted checkout page: asks how its payment stands, shows it, tells the page around it, and leads back to the shop. */

import { api, say, t } from './shared/app.js';

const ASK_EVERY_MS = 1000;
const ASK_SELDOM_MS = 5000;
const LEAD_AFTER_MS = 3000;

const page = document.getElementById('paying');
const left = document.getElementById('left');
const lead = document.getElementById('lead');
const trouble = document.getElementById('trouble');
const embedder = page.dataset.embedder;
const sentences = {
  scanned: 'display.scanned', asked: 'display.asked', late: 'hosted.late', pending: 'hosted.unknown', paid: 'display.paid',
  authorized: 'display.authorized', declined: 'display.declined', expired: 'display.expired', canceled: 'hosted.canceled',
  released: 'display.released',
};
const ended = ['paid', 'authorized', 'declined', 'expired', 'canceled', 'released'];

let shown = JSON.parse(document.getElementById('shown').textContent);
let offset = Date.parse(shown.now) - Date.now();
let timer;

function show(fresh) {
  const before = shown.state;
  shown = fresh;
  offset = Date.parse(shown.now) - Date.now();
  draw();
  if (shown.state === before) return;
  document.getElementById('status').classList.add('shown'); // the page shows it large; this is for those who listen
  if (sentences[shown.state]) say(t(sentences[shown.state]));
  tell();
  if (['paid', 'authorized'].includes(shown.state) && shown.leads_to && !embedder) leadBackSoon();
}

function draw() {
  page.dataset.state = shown.state;
  for (const part of document.querySelectorAll('[data-when]')) part.hidden = !part.dataset.when.split(' ').includes(shown.state);
  lead.hidden = !shown.leads_to;
  if (shown.leads_to) lead.href = shown.leads_to;
}

/** The page around a frame hears of each change, and how high this one is. */
function tell() {
  if (!embedder) return;
  const { id, state, status } = shown;
  parent.postMessage({ type: 'saoma.payment', payment_intent: id, state, status, height: document.documentElement.scrollHeight }, embedder);
}

async function look() {
  clearTimeout(timer);
  try {
    show(await api('GET', `/pay/${shown.id}/state`));
    trouble.hidden = true;
  } catch {
    trouble.hidden = false;
  }
  if (!ended.includes(shown.state)) timer = setTimeout(look, document.hidden ? ASK_SELDOM_MS : ASK_EVERY_MS);
}

function tick() {
  const seconds = Math.max(0, Math.ceil((Date.parse(shown.expires_at) - Date.now() - offset) / 1000));
  left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Somebody who touches the page decides for themselves. */
function leadBackSoon() {
  const note = document.getElementById('leading');
  note.hidden = false;
  const leading = setTimeout(() => location.assign(shown.leads_to), LEAD_AFTER_MS);
  for (const sign of ['pointerdown', 'keydown']) {
    document.addEventListener(sign, () => {
      clearTimeout(leading);
      note.hidden = true;
    }, { once: true });
  }
}

tick();
draw();
tell();
setInterval(tick, 250);
if (!ended.includes(shown.state)) timer = setTimeout(look, ASK_EVERY_MS);
document.addEventListener('visibilitychange', () => document.hidden || ended.includes(shown.state) || look());
