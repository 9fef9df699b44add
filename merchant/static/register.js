/* The register: what was tapped, scanned and typed adds up to one sale, which Charge turns into a code. Integers only. */

import { api, at, busy, cut, exponent, money, say, t } from './shared/app.js';
import { keypad } from './shared/keypad.js';
import { live } from './shared/live.js';
import { isPayerCode, keepForCheckout } from './presented.js';
import { hasShare, keptCart, newCart } from './register-cart.js';
import { parking } from './register-parked.js';
import { askLine, askParts, askShare } from './register-sheets.js';
import { ticket } from './register-ticket.js';
import { wedge } from './wedge.js';

const REFERENCE_BYTES = 16; // what a code carries
const NOTE_BYTES = 240;
const SCAN_MS = 50; // keys that come faster are a scanner's

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
const draw = ticket(cart, { items, tiles, ...options });
let typedAt = 0;
let beforeScan = 0;

const pad = keypad(byId('keypad'), {
  onChange: (minor) => {
    const now = performance.now();
    if (now - typedAt > SCAN_MS) beforeScan = cart.typedMinor;
    typedAt = now;
    cart.type(minor);
  },
  onEnter: () => pay(),
  onCancel: () => empty(),
});
wedge((text) => scanned(text));

function show() {
  const bill = draw();
  const isGood = bill.total > 0 && !bill.problem;
  charge.disabled = !isGood;
  const label = later.checked ? 'keypad.authorize' : 'keypad.charge';
  charge.textContent = isGood ? t(label, { amount: money(bill.total, currency) }) : t('keypad.charge_nothing');
  for (const [id, key] of [['discount', 'discount'], ['tip', 'tip']]) byId(id).setAttribute('aria-pressed', String(hasShare(cart.shares[key])));
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
  byId(key).addEventListener('click', () => {
    const { left, toPay } = cart.bill();
    askShare(key, key === 'tip' ? toPay : left, cart.shares[key], { ...options, onShare: (share) => cart.share(key, share) });
  });
}
byId('split').addEventListener('click', () => askParts(cart.bill().total, { ...options, onParts: (parts) => pay(parts) }));
parking(byId('park'), cart, { currency, onTaken: take, onParked: { cart: whole, done: empty } });

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
function choose(item) {
  if (!item.options.length) return may(cart.add(item.id));
  return askLine(item, {}, { ...options, onDone: (line) => may(cart.add(item.id, line)) });
}

function edit(place) {
  const line = cart.lines[place];
  askLine(items.get(line.item) ?? null, line, { ...options, onDone: (change) => may(cart.change(place, change)), onRemove: () => cart.remove(place) });
}

/** A scanner typed `text`: a customer's pay code charges the sale, a barcode adds its item. */
function scanned(text) {
  pad.set(beforeScan);
  if (document.querySelector('dialog[open]')) return;
  if (isPayerCode(text)) {
    if (charge.disabled) return say(t('register.scan_goods_first'));
    return pay(undefined, text);
  }
  const item = [...items.values()].find(({ sku }) => sku === text.trim());
  if (!item) say(t('register.unknown_barcode', { code: text.slice(0, 32) }));
  else choose(item);
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

/** The list was drawn anew: the focus goes to the same button, or to the nearest thing that still makes sense. */
function focusNear(place, button) {
  (lines.querySelector(`[data-place="${place}"] ${button}`) || lines.querySelector('button') || charge).focus();
}

async function pay(parts, payerCode) {
  const bill = cart.bill();
  if (charge.disabled || bill.problem || !bill.total) return true;
  const sale = { ...whole(), parts, total_minor: bill.total };
  const text = JSON.stringify(sale);
  if (wish.text !== text) wish = { text, key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` };
  try {
    const made = await busy(charge, () => api('POST', '/api/sales', sale, { 'Idempotency-Key': wish.key }));
    if (!made) return true;
    wish = {};
    if (payerCode) keepForCheckout(payerCode);
    cart.clear();
    location.assign(at(`/checkout/${made.id}`));
  } catch (problem) {
    say(problem.message, 0);
  }
  return true;
}

/** The catalogue changed: an idle register shows it at once, a busy one with its next sale. */
function renew() {
  const isIdle = !cart.lines.length && !document.querySelector('dialog[open]') && !reference.value && !note.value;
  if (isIdle) location.reload();
}

const kept = keptCart();
if (kept) take(kept);
live('/events', { on: { 'item.changed': renew, 'item.sold_out': renew }, after: Number(page.dataset.after) });
