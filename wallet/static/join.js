/* Signing this browser in by the launcher's ticket, which stands in the fragment and is good once. */

import { api, t } from './shared/app.js';
import { newCard } from './enroll.js';
import { go } from './facts.js';

const part = (name) => document.getElementById(name);

async function join() {
  const ticket = new URLSearchParams(location.hash.slice(1)).get('ticket');
  history.replaceState(null, '', location.pathname); // so that it is not left in the address
  if (!ticket) return fail(t('join.no_ticket'));
  try {
    const person = await api('POST', '/api/tickets', { ticket });
    await api('POST', '/api/join', { ticket, card: await newCard(person) });
    return go('/', true);
  } catch (problem) {
    return fail(problem.message);
  }
}

function fail(message) {
  part('problem').textContent = message;
  part('home').hidden = false;
}

join();
