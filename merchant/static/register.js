/* The register: what was tapped, scanned and typed adds up to one sale, which Charge turns into a code. Integers only. */

import { api, at, busy, cut, exponent, money, say, t } from './shared/app.js';
import { keypad } from './shared/keypad.js';
import { hasShare, keptCart, newCart } from './register-cart.js';
import { ticket } from './register-ticket.js';

const REFERENCE_BYTES = 16;
const NOTE_BYTES = 240;

const byId = (id) => document.getElementById(id);
const page = byId('register');
const { currency } = page.dataset;
const decimals = exponent(currency);
const [charge, lines, reference, note, later] = ['charge', 'lines', 'reference', 'note', 'later'].map(byId);
const items = new Map(JSON.parse(byId('items').textContent).map((item) => [item.id, item]));
const tiles = new Map([...document.querySelectorAll('[data-good]')].map((tile) => [tile.dataset.good, tile]));
const options = { currency, decimals };

let wish = {}; // one press of Charge: pressed again before it is answered, it is the same sale
const cart = newCart(items, () => show());
let showCart = () => {};
const draw = ticket(cart, { items, tiles, currency, onDrawn: (...drawn) => showCart(...drawn, currency) });
const sheets = () => import('./register-sheets.js'); // comes when it is asked for, or after the page
let openParked;

const pad = keypad(byId('keypad'), {
  onChange: (minor) => cart.type(minor),
  onEnter: () => pay(),
  onCancel: () => empty(),
});

function show() {
  const bill = draw();
  const isGood = bill.total > 0 && !bill.problem;
  charge.disabled = !isGood;
  const label = later.checked ? 'keypad.authorize' : 'keypad.charge';
  charge.textContent = isGood ? t(label, { amount: money(bill.total, currency) }) : t('keypad.charge_nothing');
  for (const key of ['discount', 'tip']) byId(key).setAttribute('aria-pressed', String(hasShare(cart.shares[key])));
  byId('split').disabled ||= later.checked;
}

/** Change the cart, or say that it would not carry that. */
const may = (isDone) => isDone || say(t('keypad.too_much'));

for (const [id, tile] of tiles) tile.addEventListener('click', () => choose(items.get(id)));
for (const tab of document.querySelectorAll('[data-tab]')) tab.addEventListener('click', () => turnTo(tab));
charge.addEventListener('click', () => pay());
later.addEventListener('change', () => show());
byId('clear').addEventListener('click', () => empty());
for (const field of [reference, note]) {
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') pay();
    if (event.key === 'Escape') field.blur();
  });
}
document.addEventListener('keydown', (event) => {
  if (event.key !== '+' || document.querySelector('dialog[open]') || event.target.closest('input:not([type=checkbox])')) return;
  cart.keepTyped();
  pad.set(0);
});
for (const key of ['discount', 'tip']) {
  byId(key).addEventListener('click', async () => {
    const { left, toPay } = cart.bill();
    (await sheets()).askShare(key, key === 'tip' ? toPay : left, cart.shares[key], { ...options, onShare: (share) => cart.share(key, share) });
  });
}
byId('split').addEventListener('click', async () => (await sheets()).askParts(cart.bill().total, { ...options, onParts: (parts) => pay(parts) }));
byId('park').addEventListener('click', async () => {
  const { parking } = await import('./register-parked.js');
  openParked ??= parking(byId('park'), cart, { currency, onTaken: take, onParked: { cart: whole, done: empty } });
  openParked();
});

lines.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  const place = Number(button.closest('li').dataset.place);
  const isTyped = cart.typedMinor > 0 && place === cart.lines.length - 1;
  if (button.matches('.edit')) return edit(isTyped ? keepTyped() : place);
  if (isTyped) pad.set(0);
  else may(button.matches('.more') ? cart.more(place) : cart.less(place));
  focusNear(place, button.matches('.more') ? '.more' : '.less');
});
window.addEventListener('pageshow', (event) => event.persisted && empty());

function keepTyped() {
  const place = cart.keepTyped();
  pad.set(0);
  return place;
}

/** One more of an item; one with options is asked about first. */
async function choose(item) {
  if (!item.options.length) return may(cart.add(item.id));
  return (await sheets()).askLine(item, {}, { ...options, onDone: (line) => may(cart.add(item.id, line)) });
}

async function edit(place) {
  const line = cart.lines[place];
  (await sheets()).askLine(items.get(line.item) ?? null, line, { ...options, onDone: (change) => may(cart.change(place, change)), onRemove: () => cart.remove(place) });
}

function turnTo(tab) {
  for (const other of document.querySelectorAll('[data-tab]')) other.setAttribute('aria-pressed', String(other === tab));
  for (const tile of tiles.values()) tile.hidden = tab.dataset.tab !== '' && tile.dataset.category !== tab.dataset.tab;
}

function empty() {
  reference.value = '';
  note.value = '';
  later.checked = false;
  cart.clear();
  pad.set(0);
}

function take(given) {
  const gone = cart.load(given);
  reference.value = given.reference ?? '';
  note.value = given.note ?? '';
  later.checked = Boolean(given.is_manual);
  show();
  if (gone) say(t('register.gone', { count: gone }), 0);
}

/** The cart with its fields, as the doors take it. */
function whole() {
  return { ...cart.body(), reference: cut(reference.value, REFERENCE_BYTES), note: cut(note.value, NOTE_BYTES), is_manual: later.checked };
}

/** The list was drawn anew: the focus goes back, or near. */
function focusNear(place, button) {
  (lines.querySelector(`[data-place="${place}"] ${button}`) || lines.querySelector('button') || charge).focus();
}

async function pay(parts, presented) {
  const bill = cart.bill();
  if (charge.disabled || bill.problem || !bill.total) return true;
  const sale = { ...whole(), parts, total_minor: bill.total };
  const text = JSON.stringify(sale);
  if (wish.text !== text) wish = { text, key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` };
  try {
    const made = await busy(charge, () => api('POST', '/api/sales', sale, { 'Idempotency-Key': wish.key }));
    if (!made) return true;
    wish = {};
    presented?.();
    cart.clear();
    location.assign(at(`/checkout/${made.id}`));
  } catch (problem) {
    say(problem.message, 0);
    if (problem.code === 'price_changed') renew().catch(() => {});
  }
  return true;
}

/** The catalogue changed. */
async function renew() {
  const isIdle = !cart.lines.length && !document.querySelector('dialog[open]') && !reference.value && !note.value;
  if (isIdle) return location.reload();
  await (await import('./register-renew.js')).renew(items, tiles, currency);
  return show();
}

const kept = keptCart();
if (kept) take(kept);

/** What can come once the page stands. */
async function complete() {
  const [scanner, display, { live }] = await Promise.all([import('./register-scanner.js'), import('./to-display.js'), import('./shared/live.js')]);
  scanner.listen({
    items,
    isEmpty: () => charge.disabled,
    pad,
    choose,
    pay: (presented) => pay(undefined, presented),
  });
  ({ showCart } = display);
  draw();
  live('/events', { on: { 'item.changed': renew, 'item.sold_out': renew }, after: Number(page.dataset.after) });
  page.dataset.isComplete = '';
  await sheets();
}
const begin = () => complete().catch(() => {}); // the page was left, or the network went, before all had come
if (document.readyState === 'complete') begin();
else window.addEventListener('load', () => setTimeout(begin));
