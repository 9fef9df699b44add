/* The register: what was tapped and what was typed add up to one sale, which Charge turns into a code. Integers only. */

import { api, at, busy, cut, money, say, showFigure, t } from './shared/app.js';
import { keypad } from './shared/keypad.js';

const MAX_MINOR = 10 ** 12;
const MOST_OF_ONE = 999;
const REFERENCE_BYTES = 16; // what a code carries

const { currency } = document.getElementById('register').dataset;
const total = document.getElementById('total');
const charge = document.getElementById('charge');
const clear = document.getElementById('clear');
const lines = document.getElementById('lines');
const nothing = document.getElementById('nothing');
const reference = document.getElementById('reference');
const later = document.getElementById('later');
const tiles = new Map([...document.querySelectorAll('[data-good]')].map((tile) => [tile.dataset.good, tile]));

const basket = new Map(); // good → quantity, in the order in which they were tapped
let typedMinor = 0;

const price = (good) => Number(tiles.get(good).dataset.price);
const sum = () => [...basket].reduce((minor, [good, quantity]) => minor + price(good) * quantity, typedMinor);

const pad = keypad(document.getElementById('keypad'), {
  onChange: (minor) => {
    typedMinor = minor;
    show();
  },
  onEnter: () => pay(),
  onCancel: () => empty(),
});

for (const good of tiles.keys()) tiles.get(good).addEventListener('click', () => add(good, 1));
charge.addEventListener('click', () => pay());
later.addEventListener('change', () => show());
clear.addEventListener('click', () => empty());
reference.addEventListener('keydown', (event) => {
  if (event.key === 'Enter') pay();
  if (event.key === 'Escape') reference.blur();
});
lines.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  const { good } = button.closest('li').dataset;
  if (good) add(good, button.matches('.more') ? 1 : -1);
  else pad.set(0);
  focusNear(good, button.matches('.more') ? '.more' : '.less');
});
window.addEventListener('pageshow', (event) => event.persisted && empty());

function add(good, change) {
  const quantity = (basket.get(good) ?? 0) + change;
  if (quantity > MOST_OF_ONE || sum() + price(good) * change > MAX_MINOR) {
    say(t('keypad.too_much'));
    return;
  }
  if (quantity > 0) basket.set(good, quantity);
  else basket.delete(good);
  show();
}

function empty() {
  basket.clear();
  reference.value = '';
  later.checked = false;
  pad.set(0);
}

function show() {
  const minor = sum();
  showFigure(total, minor, currency);
  charge.disabled = minor === 0;
  const label = later.checked ? 'keypad.authorize' : 'keypad.charge';
  charge.textContent = minor ? t(label, { amount: money(minor, currency) }) : t('keypad.charge_nothing');
  for (const [good, tile] of tiles) {
    const count = tile.querySelector('.count');
    count.hidden = !basket.has(good);
    count.textContent = basket.has(good) ? `×${basket.get(good)}` : '';
  }
  const rows = [...basket].map(([good, quantity]) => goodLine(good, quantity));
  if (typedMinor && basket.size) rows.push(typedLine());
  lines.replaceChildren(...rows);
  nothing.hidden = minor > 0;
  clear.hidden = minor === 0;
}

function goodLine(good, quantity) {
  const { name } = tiles.get(good).dataset;
  const line = blankLine(name, `${quantity} × ${money(price(good), currency)}`, price(good) * quantity);
  line.dataset.good = good;
  line.querySelector('.less').setAttribute('aria-label', t('keypad.take_one', { name }));
  line.querySelector('.more').setAttribute('aria-label', t('keypad.add_one', { name }));
  return line;
}

function typedLine() {
  const line = blankLine(t('keypad.typed'), '', typedMinor);
  line.querySelector('.less').setAttribute('aria-label', t('keypad.no_typed'));
  line.querySelector('.more').remove();
  return line;
}

function blankLine(name, detail, minor) {
  const line = document.getElementById('line').content.firstElementChild.cloneNode(true);
  line.querySelector('.name').textContent = name;
  line.querySelector('.small').textContent = detail;
  line.querySelector('.money').textContent = money(minor, currency);
  return line;
}

/** The list was drawn anew: the focus goes to the same button, or to the nearest thing that still makes sense. */
function focusNear(good, button) {
  const again = good && lines.querySelector(`[data-good="${CSS.escape(good)}"] ${button}`);
  (again || lines.querySelector('button') || charge).focus();
}

async function pay() {
  if (sum() === 0 || charge.disabled) return;
  reference.value = cut(reference.value, REFERENCE_BYTES);
  const sale = { goods: Object.fromEntries(basket), typed_minor: typedMinor, reference: reference.value, is_manual: later.checked };
  try {
    const made = await busy(charge, () => api('POST', '/api/sales', sale));
    if (made) location.assign(at(`/checkout/${made.id}`));
  } catch (problem) {
    say(problem.message, 0);
  }
}
