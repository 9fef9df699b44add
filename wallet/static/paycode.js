/* The pay code: sealed anew every 40 s by this phone's key, with or without the network. It turns into Paid when a shop has
   taken it, or leads to the question whether to pay. Where the service holds the key, it seals, and must be reached. */

import { api, at, money, say, showFigure, t } from './shared/app.js';
import { drawn } from './shared/draw.js';
import { keepFacts } from './shared/kept.js';
import { hasSecureKeys, loadKey } from './shared/keys.js';
import { live } from './shared/live.js';
import './code.js';
import { go } from './facts.js';
import { known } from './known.js';
import { sealPayerCode } from './payer-code.js';
import { hex } from './phone.js';
import { ring } from './ring.js';

const EVERY_MS = 40_000;
const AGAIN_MS = 5000;
const OLD_NEWS_MS = 180_000; // what happens to a code happens while it is good

const ENDED = ['not_signed_in', 'device_revoked']; // somebody has left, or given this phone up: no more codes

const part = (name) => document.getElementById(name);
const began_at = Date.now();

let facts;
let key = null;
let sealed_at = 0;
let timer = 0;
let newest = 0;

async function begin() {
  facts = await known().catch(() => null);
  if (!facts) return stop(t('paycode.unknown'));
  if (facts.custody === 'device') {
    key = hasSecureKeys() ? await loadKey(facts.phone).catch(() => null) : null;
    if (!key || hex(key.kid) !== facts.kid) return stop(t('key.gone'));
  }
  const { no_pin_limit_minor: limit, cap_minor: cap } = facts;
  part('terms').textContent = t(limit ? 'paycode.terms' : 'paycode.terms_asked', { limit: written(limit), cap: written(cap) });
  live('/events', { after: facts.after, on: NEWS });
  document.addEventListener('visibilitychange', () => (!timer || Date.now() - sealed_at > EVERY_MS / 2) && renew());
  for (const name of ['online', 'offline']) window.addEventListener(name, renew);
  window.addEventListener('clock-advanced', ({ detail }) => ((facts.ahead_ms += detail), renew()));
  return renew();
}

const written = (minor) => money(minor, facts.currency);

/** Seal and draw a fresh code and start its clock; then ask for its number, which only the service can give. */
async function renew() {
  clearTimeout(timer);
  timer = 0;
  if (document.hidden || part('showing').hidden) return;
  const mine = (newest += 1);
  timer = setTimeout(renew, EVERY_MS);
  const text = await sealedText().catch((problem) => problem);
  if (mine !== newest) return;
  if (typeof text !== 'string') {
    refuse(text);
    return;
  }
  sealed_at = Date.now();
  part('refusal').hidden = true;
  part('drawing').replaceChildren(drawn(text, t('paycode.label')));
  part('code').classList.remove('stale');
  part('code').dataset.code = text;
  ring(part('ring'), part('left'), EVERY_MS);
  await showNumber(mine, text);
}

async function sealedText() {
  if (!key) return (await api('POST', '/api/payer_code', {})).code;
  return `${location.origin}/q#${await sealPayerCode(key, facts)}`;
}

async function showNumber(mine, text) {
  part('number').classList.add('soft');
  const told = navigator.onLine === false ? null : await api('POST', '/api/payer_code/number', { code: text }).catch((problem) => problem);
  if (mine !== newest) return;
  const number = told?.number;
  part('number').textContent = number ? number.match(/.{1,4}/g).join(' ') : '';
  part('number').classList.remove('soft');
  part('with-number').hidden = !number;
  part('no-number').hidden = Boolean(number) || told?.isUnknown === false;
  if (ENDED.includes(told?.code)) stop(told.message);
  else if (told instanceof Error && !told.isUnknown && told.code !== 'forged_request') refuse(told);
}

/** Say why there is no code to show, or why no shop will take it; where nobody answered, try again soon. */
function refuse(problem) {
  const text = problem.isUnknown ? t('paycode.needs_network') : problem.message;
  if (!sealed_at || Date.now() - sealed_at > EVERY_MS) part('code').classList.add('stale');
  part('refusal').hidden = false;
  part('refusal-text').textContent = text;
  say(text);
  if (!problem.isUnknown) return;
  clearTimeout(timer);
  timer = setTimeout(renew, AGAIN_MS);
}

/** There can be no code on this phone: say why, and the way out. */
function stop(text) {
  part('showing').hidden = true;
  part('lost').hidden = false;
  part('lost-text').textContent = text;
  say(text);
}

const isNews = ({ at: at_ms }) => at_ms > began_at + facts.ahead_ms - OLD_NEWS_MS;

const NEWS = {
  'transfer.posted'(transfer, seq) {
    if (transfer.kind === 'charge' && transfer.payee_id !== facts.user && isNews(transfer)) paid(transfer, seq);
  },
  'transfer.held': (transfer) => transfer.kind === 'charge_hold' && isNews(transfer) && go(`/paid/${transfer.transfer}`, true),
  'intent.confirmation_required': (asked) => isNews(asked) && go(`/confirm/${asked.intent}`),
  'intent.became_unknown': (asked) => isNews(asked) && go(`/confirm/${asked.intent}`),
};

function paid({ transfer, amount_minor, currency, payee }, after) {
  if (hasSecureKeys()) keepFacts(facts.phone, { after }).catch(() => {});
  newest += 1;
  part('showing').hidden = true;
  part('paid').hidden = false;
  showFigure(part('paid-amount'), amount_minor, currency);
  part('paid-to').textContent = t('receipt.paid_to', { name: payee });
  part('receipt').href = at(`/receipts/${transfer}`);
  document.title = t('paid.title');
  say(`${t('paid.title')}: ${money(amount_minor, currency)}. ${part('paid-to').textContent}`, 0);
  import('./shared/chime.js').then(({ buzz, chime }) => (chime(), buzz()), () => {});
}

begin();
