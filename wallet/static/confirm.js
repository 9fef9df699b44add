/* A shop waits for this phone: pay, which is an ordinary signed payment, or say no. The page follows what becomes of it. */

import { api, busy } from './shared/app.js';
import { facts } from './facts.js';
import { payForm, refuse } from './pay.js';
import { follow, pending } from './pending.js';

const part = (name) => document.getElementById(name);
const { intent, kind, payee, name, amount, currency, subject } = part('view').dataset;
const kept = pending();

part('decline').addEventListener('click', async () => {
  try {
    await busy(part('decline'), () => api('POST', `/api/confirmations/${intent}/decline`, {}));
    location.reload();
  } catch (problem) {
    refuse(problem);
  }
});
payForm({ kind, payee, name, currency, subject, amount_minor: Number(amount), memo: null, presented: null });
part('view').inert = false; // until now a tap would have done nothing
if (kept) follow(kept, refuse);
import('./shared/live.js').then(({ live }) => live('/events', { after: facts.after, on: news() }), () => {});

/** Whatever ends the wait shows on the page, unless this page itself is paying. */
function news() {
  const isPaying = () => part('go').getAttribute('aria-busy') === 'true' || pending();
  const ended = (event) => event.intent === intent && !isPaying() && location.reload();
  const moved = () => !isPaying() && location.reload();
  return {
    'intent.became_unknown': ended, 'intent.canceled': ended, 'intent.expired': ended, 'intent.declined': ended,
    'transfer.posted': moved, 'transfer.held': moved,
  };
}
