/* The checkout page: shows where one sale stands and says each change once. News pokes it, the service tells the truth. */

import { api, at, busy, money, say, showFigure, t } from './shared/app.js';
import { live } from './shared/live.js';
import { answerPictures } from './shared/virtual-camera.js';
import { contact } from './contact.js';

const BACK_AFTER_MS = 4000;
const SHOW_SECONDS_BELOW = 10;

const page = document.getElementById('checkout');
const ring = document.getElementById('ring');
const seconds = document.getElementById('seconds');
const home = document.getElementById('new-sale');
let sale = JSON.parse(document.getElementById('sale').textContent);
const path = `/api/sales/${sale.id}`;
const open = ['waiting', 'scanned']; // to be paid
// What the page does not wait for: the customer's codes, the voice.
const customer = import('./customer.js').then(({ customerCodes }) => customerCodes(path, { isOpen: () => open.includes(state), onAnswer: learn }), () => null);
const voice = import('./voice.js').catch(() => null);
let clockOffset = Date.parse(sale.now) - Date.now();
const createdAt = Date.parse(sale.created_at);
const expiresAt = Date.parse(sale.expires_at);
const now = () => Date.now() + clockOffset;

let state = page.dataset.state;
const link = contact({ ask: () => look(), onChange: () => show(sale), onStay: () => tell(t('outage.kept')) });

/** What the page shows of a sale: the intent's state, told apart by scans and time. */
function stateOf({ status, scanned_by: who, authorized_until: until }) {
  if (link.hides(sale, now() >= expiresAt)) return 'unknown';
  const expired = until ? 'released' : 'expired'; // a code that ran out, or a hold
  const asked = { requires_confirmation: 'asked', declined: 'declined', unknown: 'pending' };
  const final = { captured: 'paid', canceled: 'canceled', authorized: 'authorized', voided: 'released', expired, ...asked }[status];
  return final ?? (now() >= expiresAt ? 'late' : who ? 'scanned' : 'waiting');
}

const sentences = {
  scanned: () => t('checkout.scanned', { who: sale.scanned_by }),
  authorized: () => t('checkout.authorized_said', { amount: money(sale.amount_minor, sale.currency), who: sale.payer }),
  released: () => t('checkout.released'),
  paid: () => t('checkout.paid_said', { amount: money(sale.amount_captured_minor, sale.currency), who: sale.payer }),
  late: () => t('checkout.late'),
  expired: () => t('checkout.expired'),
  canceled: () => t('checkout.canceled'), asked: () => t('checkout.asked'),
  declined: () => t('checkout.declined'),
  pending: () => t('checkout.pending'), unknown: () => t('outage.unknown'),
};

function show(fresh) {
  sale = fresh;
  const before = state;
  state = stateOf(sale);
  draw();
  if (state === before) return;
  document.getElementById('status').classList.add('shown'); // for those who listen
  say(sentences[state]?.() ?? '');
  if (!open.includes(state)) customer.then((codes) => codes?.rest());
  if (state !== 'paid') return;
  announce(sale.id, sale.amount_captured_minor, sale.currency);
  goBackSoon();
}

function draw() {
  page.dataset.state = state;
  for (const part of document.querySelectorAll('[data-when]')) part.hidden = !part.dataset.when.split(' ').includes(state);
  if (sale.scanned_by) document.getElementById('step-scanned').textContent = t('checkout.scanned', { who: sale.scanned_by });
  if (sale.payer) {
    write('.payer', t('checkout.paid_by', { who: sale.payer }));
    write('.holder', t('checkout.authorized_by', { who: sale.payer }));
  }
  if (state === 'paid') showFigure(document.getElementById('taken'), sale.amount_captured_minor, sale.currency);
  document.getElementById('paid-late').hidden = !sale.is_paid_late;
  const others = document.getElementById('others');
  others.hidden = sale.scans < 2 || !['scanned', 'paid'].includes(state);
  others.textContent = t('checkout.others', { count: sale.scans });
  const { next = '' } = sale.sale ?? {}; // a sale that is paid in parts goes on with the next one
  home.href = at(`/${next}`);
  home.querySelector('span').textContent = t(next ? 'checkout.next_part' : 'checkout.new_sale');
  const isSigned = state === 'authorized' || state === 'paid';
  mark('step-waiting', true, state === 'waiting');
  mark('step-asked', true, state === 'asked');
  document.getElementById('step-asked').hidden = state !== 'asked';
  document.getElementById('step-scanned').hidden = state === 'asked' && !sale.scanned_by;
  mark('step-scanned', Boolean(sale.scanned_by) || isSigned, state === 'scanned');
  mark('step-authorized', isSigned, state === 'authorized');
  mark('step-paid', state === 'paid', state === 'paid');
}

function write(part, text) {
  const element = document.querySelector(part);
  if (element) element.textContent = text;
}

function mark(id, isDone, isCurrent) {
  const step = document.getElementById(id);
  if (!step) return; // a step of sales that are captured by hand
  step.classList.toggle('done', isDone);
  if (isCurrent) step.setAttribute('aria-current', 'step');
  else step.removeAttribute('aria-current');
}

let asking = null;

function learn(fresh) {
  sale = fresh;
  link.answered(fresh);
  show(fresh);
}

/** Ask how the sale stands; news that comes meanwhile asks once more. */
function look() {
  asking = (asking ?? Promise.resolve()).then(() => api('GET', path)).then(learn);
  return asking.catch((problem) => link.failed(problem, sale)).finally(() => (asking = null));
}

const heard = ({ intent, ...news }) => (intent === sale.id ? look() : news.name === 'intent.captured' && elsewhere(intent, news));
const names = ['scanned', 'confirmation_required', 'became_unknown', 'declined', 'authorized', 'captured', 'voided', 'canceled', 'expired'].map((name) => `intent.${name}`);
live('/events', { on: { ...Object.fromEntries(names.map((name) => [name, heard])), 'clock.advanced': ({ by_ms }) => (clockOffset += by_ms) }, after: sale.last_seq, poll: look, onState: (is) => is === 'live' && link.isLost && look() });

const announce = (...payment) => voice.then((it) => it?.announce(...payment));

/** Another payment came in. At the printed code it may have been meant for this sale. */
async function elsewhere(id, { amount_minor: minor, currency, by }) {
  const other = await api('GET', `/api/sales/${id}`).catch(() => null);
  if (other?.code !== null) return;
  const which = minor < sale.amount_minor ? '_less' : minor > sale.amount_minor ? '_more' : '';
  const apart = money(Math.abs(minor - sale.amount_minor), currency);
  const notice = document.getElementById('at-counter');
  notice.hidden = false;
  notice.querySelector('p').textContent = t(`checkout.at_counter${which}`, { amount: money(minor, currency), who: by, apart });
  announce(id, minor, currency);
}

function tick() {
  const left = Math.max(0, expiresAt - now());
  ring.setAttribute('stroke-dashoffset', String(100 - (100 * left) / (expiresAt - createdAt)));
  const whole = Math.ceil(left / 1000);
  seconds.textContent = whole <= SHOW_SECONDS_BELOW ? String(whole) : '';
  if (state !== stateOf(sale)) show(sale);
}

voice.then((it) => it?.voiceSwitch(document.getElementById('voice')));
tick();
draw();
link.answered(sale);
setInterval(tick, 250);
answerPictures();
keepAwake();
document.addEventListener('visibilitychange', () => document.hidden || (look(), keepAwake()));
window.addEventListener('pageshow', (event) => event.persisted && look());

/** Say something that the page itself does not show. */
function tell(text, seconds) {
  document.getElementById('status').classList.remove('shown');
  say(text, seconds);
}

/** A screen that goes dark shows no code. Not every browser can be asked. */
function keepAwake() {
  navigator.wakeLock?.request('screen').catch(() => {});
}

function act(id, work) {
  const button = document.getElementById(id);
  button.addEventListener('click', async () => {
    try {
      await busy(button, work);
    } catch (problem) {
      tell(problem.message, 0);
      look();
    }
  });
}

act('cancel', async () => learn(await api('POST', `${path}/cancel`, {})));
act('again', async () => location.replace(at(`/checkout/${(await api('POST', `${path}/again`, {})).id}`)));
act('ask', async () => {
  await look();
  if (link.isLost) tell(t('outage.kept'));
});
act('copy', async () => {
  const link = document.getElementById('link');
  link.select();
  const isCopied = await (navigator.clipboard?.writeText(link.value) ?? Promise.reject()).then(() => true, () => document.execCommand('copy'));
  tell(t(isCopied ? 'checkout.copied' : 'checkout.copy_yourself'));
});

/** After a payment that was watched: back to the keypad in a moment or at a key, unless somebody touches the page. */
function goBackSoon() {
  home.focus({ preventScroll: true });
  const leave = () => location.assign(home.href);
  const timer = setTimeout(leave, BACK_AFTER_MS);
  document.addEventListener('pointerdown', () => clearTimeout(timer), { once: true });
  document.addEventListener('keydown', (event) => {
    if (['Tab', 'Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) clearTimeout(timer);
    else if (!event.ctrlKey && !event.metaKey && !event.altKey && event.target === home) leave();
  });
}
