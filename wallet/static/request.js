/* One request for money: pay it, decline it, take it back; the page is asked for again when the other side acts. */

import { api, busy } from './shared/app.js';
import { live } from './shared/live.js';
import { facts, go } from './facts.js';

const part = (name) => document.getElementById(name);
const { request, terms } = part('view').dataset;

const again = (body) => body.request === request && body.by_handle !== facts.handle && location.reload();
live('/events', { on: { 'request.withdrawn': again, 'request.declined': again }, after: facts.after, poll: () => {} });

/** Let a button end the request in its way, and the page follow. */
function ends(name, way, then) {
  part(name)?.addEventListener('click', async () => {
    try {
      await busy(part(name), () => api('POST', `/api/money-requests/${request}/${way}`, {}));
      then();
    } catch (problem) {
      tell(problem);
    }
  });
}

function tell({ message }) {
  const notice = part('pay-problem') ?? part('problem');
  notice.querySelector('p').textContent = message;
  notice.hidden = false;
  notice.focus();
}

ends('decline', 'decline', () => go('/requests', true));
ends('withdraw', 'withdraw', () => location.reload());
if (terms) pay();

async function pay() {
  const [{ payForm, refuse }, { follow, pending }] = await Promise.all([import('./pay.js'), import('./pending.js')]);
  const kept = pending();
  payForm(JSON.parse(terms));
  part('view').inert = false; // until now a tap would have done nothing
  if (kept) follow(kept, refuse);
}
