/* A sale in parts: the next code, giving up the rest; looked at again when a payment comes. */

import { api, at, busy, say } from './shared/app.js';
import { live } from './shared/live.js';

const { sale, after } = document.getElementById('split').dataset;
const path = `/api/sales/${sale}`;
const sheet = document.getElementById('stop');

for (const button of document.querySelectorAll('[data-part]')) {
  button.addEventListener('click', () => act(button, async () => {
    const made = await api('POST', `${path}/part`, { part: Number(button.dataset.part) });
    location.assign(at(`/checkout/${made.id}`));
  }));
}
document.querySelector('[data-opens]')?.addEventListener('click', () => sheet.showModal());
const stop = document.getElementById('stop-do');
stop?.addEventListener('click', () => act(stop, async () => {
  await api('POST', `${path}/stop`, {});
  location.reload();
}));

async function act(button, work) {
  try {
    await busy(button, work);
  } catch (problem) {
    sheet?.close();
    say(problem.message, 0);
  }
}

const look = () => sheet?.open || location.reload();
const names = ['captured', 'declined', 'canceled', 'expired'].map((name) => `intent.${name}`);
live('/events', { on: Object.fromEntries(names.map((name) => [name, look])), after: Number(after) });
window.addEventListener('pageshow', (event) => event.persisted && location.reload());
