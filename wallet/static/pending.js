/* A payment whose outcome is not known yet. The signed order is kept before it leaves this phone, and the *same* order is
   sent again until the service says what became of it: it is carried out once at most, so asking again is safe. */

import { api, money, Problem, t } from './shared/app.js';
import { facts, go } from './phone.js';

const PLACE = `saoma-order-${facts.phone}-${facts.handle}`;
const WAITS_S = [1, 2, 4, 8, 15, 30];
const NOT_TOLD = ['not_signed_in', 'forged_request', 'too_many_requests'];
const WORDS = { code_expired: 'checking.unpaid', revoked_key: 'checking.look' };

const part = (name) => document.getElementById(name);

/** The kept order {body, amount_minor, currency, name}, or null. */
export function pending() {
  try {
    return JSON.parse(localStorage.getItem(PLACE));
  } catch {
    return null;
  }
}

/** Keep an order, send it, and follow it until its outcome is known; then the page goes on to Paid, or `onRefused`. */
export async function carryOut(order, onRefused) {
  keep(order);
  try {
    await settle(await api('POST', '/api/orders', order.body));
  } catch (problem) {
    if (isTold(problem)) forgetFor(problem, onRefused);
    else await follow(order, onRefused);
  }
}

/** Ask for a kept order again, with growing pauses, until its outcome is known. */
export async function follow(order, onRefused) {
  show(order);
  for (let turn = 0; ; turn += 1) {
    await pause(WAITS_S[Math.min(turn, WAITS_S.length - 1)]);
    try {
      return await settle(await api('POST', '/api/orders', order.body));
    } catch (problem) {
      if (!isTold(problem)) {
        if (problem.code === 'forged_request') return location.reload(); // the page's token is old: a new page has a new one
        part('checking-note').textContent = problem.message;
        continue;
      }
      part('checking').hidden = true;
      const message = problem.code in WORDS ? t(WORDS[problem.code]) : problem.message;
      return forgetFor(new Problem(problem.code, message, problem.status, problem.body), onRefused);
    }
  }
}

function keep(order) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(order));
  } catch {
    // A browser that keeps nothing: this page alone follows the order.
  }
}

function forget() {
  try {
    localStorage.removeItem(PLACE);
  } catch {
    // It kept nothing.
  }
}

/** Whether the service has said that this order was not carried out. */
const isTold = (problem) => problem instanceof Problem && !problem.isUnknown && !NOT_TOLD.includes(problem.code);

function settle({ transfer }) {
  forget();
  navigator.vibrate?.(60);
  go(`/paid/${transfer}`, true);
  return new Promise(() => {}); // the button stays busy until the page is gone
}

function forgetFor(problem, onRefused) {
  forget();
  onRefused(problem);
}

function show({ amount_minor, currency, name }) {
  part('view').hidden = true;
  part('checking').hidden = false;
  part('checking-what').textContent = t('checking.what', { amount: money(amount_minor, currency), name });
  part('checking').focus();
}

/** So many seconds, or until the person or the network asks for more haste. */
function pause(seconds) {
  return new Promise((resolve) => {
    const ended = new AbortController();
    const end = () => (ended.abort(), clearTimeout(timer), resolve());
    const timer = setTimeout(end, seconds * 1000);
    part('check-now').addEventListener('click', end, { signal: ended.signal });
    window.addEventListener('online', end, { signal: ended.signal });
  });
}
