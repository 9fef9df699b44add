/* Pages that stay true: when something happens, the page is asked for again and the parts that changed are put in place. */

import { money, say, t } from './shared/app.js';
import { live } from './shared/live.js';
import { facts, go } from './facts.js';
import { tellTimes } from './times.js';

/**
 * Keep the elements named by `ids` up to date while any of the events `on` comes in: {name: what to do with its body}.
 * `onChange()` after each exchange.
 */
export function keepFresh(ids, on, onChange = () => {}) {
  const again = () => refresh(ids).then(onChange);
  const heard = Object.entries(on).map(([name, act]) => [name, (body) => (act(body), again())]);
  live('/events', { on: Object.fromEntries(heard), after: facts.after, poll: again });
  window.addEventListener('pageshow', (event) => event.persisted && again());
}

/** Ask for this page again and put its parts in place; a part in which somebody is typing is left alone. */
export async function refresh(ids) {
  const answer = await fetch(location.href, { cache: 'no-store', credentials: 'same-origin' }).catch(() => null);
  if (!answer?.ok) return;
  if (answer.redirected && new URL(answer.url).pathname.endsWith('/welcome')) return go('/welcome', true); // signed out elsewhere
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const id of ids) {
    const [mine, fresh] = [document.getElementById(id), page.getElementById(id)];
    if (!mine || !fresh || mine.contains(document.activeElement) || mine.innerHTML === fresh.innerHTML) continue;
    mine.replaceChildren(...fresh.childNodes);
    mine.className = fresh.className;
    tellTimes(mine);
  }
}

/** What happens to the signed-in person's money, for `keepFresh`: the events, and what is said of each. */
export const MONEY_NEWS = {
  'transfer.posted': tellPosted,
  'transfer.released': tellReleased,
  'transfer.held': () => {},
  'intent.expired': () => {},
};

/** Say what a posted transfer means. Their own payments they know of already, but not when a shop takes what was held or
    what a pay code offered. */
function tellPosted(transfer) {
  const amount = money(transfer.amount_minor, transfer.currency);
  if (transfer.kind === 'refund') say(t('live.refunded', { amount, name: transfer.payer }));
  else if (transfer.payee_id === facts.user) say(t('live.received', { amount, name: transfer.payer }));
  else if (['capture', 'charge'].includes(transfer.kind)) say(t('live.taken', { amount, name: transfer.payee }));
}

function tellReleased(transfer) {
  say(t('live.released', { amount: money(transfer.amount_minor, transfer.currency), name: transfer.payee }));
}

/** What happens to requests for money between this person and others, for `keepFresh`. */
export const REQUEST_NEWS = { 'request.made': tellAsked, 'request.declined': () => {}, 'request.withdrawn': () => {} };

function tellAsked({ by, by_handle, amount_minor, currency }) {
  if (by_handle !== facts.handle) say(t('live.asked', { name: by, amount: money(amount_minor, currency) }));
}

/** Say that somebody asks to be, or has become, a contact. */
export function tellContact(key) {
  return ({ by, by_handle }) => by_handle !== facts.handle && say(t(key, { name: by }));
}
