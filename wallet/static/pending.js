/* A payment whose outcome is not known yet. The signed order is kept before it leaves this phone, and the *same* order is
   sent until the service says what became of it: it is carried out once at most, so asking again is safe. */

import { api, money, t } from './shared/app.js';
import { facts, go } from './facts.js';

const PLACE = `saoma-order-${facts.phone}-${facts.handle}`;
const WAITS_S = [1, 2, 4, 8, 15, 30];
const NOT_TOLD = ['not_signed_in', 'forged_request', 'too_many_requests'];

const part = (name) => document.getElementById(name);

/** What `act` gives of the browser's storage; null where it keeps nothing. */
function stored(act) {
  try {
    return act(localStorage);
  } catch {
    return null;
  }
}

/** The kept order {body, amount_minor, currency, name}, or null. */
export const pending = () => stored((storage) => JSON.parse(storage.getItem(PLACE)));

/** Let go of the kept order; what became of it stands in the statement. */
export const forgetPending = () => stored((storage) => storage.removeItem(PLACE));

/** Keep an order, send it, and follow it until its outcome is known: on to Paid, or `onRefused(problem)`. */
export async function carryOut(order, onRefused) {
  stored((storage) => storage.setItem(PLACE, JSON.stringify(order)));
  const problem = await send(order);
  if (isTold(problem)) await refuse(problem, onRefused);
  else await follow(order, onRefused);
}

/** Ask for a kept order again, with growing pauses, until its outcome is known. */
export async function follow({ body, amount_minor, currency, name }, onRefused) {
  part('view').hidden = true;
  part('checking').hidden = false;
  part('checking-what').textContent = t('checking.what', { amount: money(amount_minor, currency), name });
  part('checking').focus();
  for (let turn = 0; ; turn += 1) {
    await pause(WAITS_S[Math.min(turn, WAITS_S.length - 1)]);
    const problem = await send({ body });
    if (isTold(problem)) {
      part('checking').hidden = true;
      if (problem.code === 'code_expired') problem.message = t('checking.unpaid');
      return refuse(problem, onRefused);
    }
    if (problem.code === 'forged_request') return location.reload(); // this page's token is old; a new page has a new one
    part('checking-note').textContent = problem.message;
  }
}

/** The sounds are fetched while the order is on its way; a phone that cannot fetch them stays silent. */
let sounds;

/** Send an order. Carried out, the page goes on and nothing returns; otherwise the problem. */
async function send({ body }) {
  sounds ??= import('./shared/chime.js').catch(() => null);
  let done;
  try {
    done = await api('POST', '/api/orders', body);
  } catch (problem) {
    return problem;
  }
  if (done.status === 'unknown') return { isUnknown: true, message: '' }; // the same order is asked for until it is known
  stored((storage) => storage.removeItem(PLACE));
  (await sounds)?.buzz();
  go(done.transfer ? `/paid/${done.transfer}` : `/confirm/${done.intent}`, true);
  return new Promise(() => {}); // the button stays busy until the page is gone
}

/** Whether the service has said that this order was not carried out. */
const isTold = (problem) => !problem.isUnknown && !NOT_TOLD.includes(problem.code);

function refuse(problem, onRefused) {
  stored((storage) => storage.removeItem(PLACE));
  return onRefused(problem);
}

/** So many seconds, or until the person or the network asks for more haste. */
function pause(seconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000);
    part('check-now').onclick = resolve;
    window.ononline = resolve;
  });
}
