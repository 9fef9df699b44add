/* Where the launcher sends a till: its ticket stands in the fragment, opens the till once, and leaves no trace. */

import { api, at, t } from './shared/app.js';

const page = document.getElementById('join');
const ticket = new URLSearchParams(location.hash.slice(1)).get('ticket');

if ('signedIn' in page.dataset) {
  location.replace(at('/'));
} else {
  history.replaceState(null, '', location.pathname);
  open().catch((problem) => {
    document.getElementById('news').textContent = problem.message;
    document.getElementById('other-way').hidden = false;
  });
}

async function open() {
  if (!ticket) throw new Error(t('join.no_ticket'));
  await api('POST', '/api/join', { ticket });
  location.replace(at('/'));
}
