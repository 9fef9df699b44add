/* One dispute: taken back here, and looked at again when the other side or the operator acts. */

import { api, busy } from './shared/app.js';
import { live } from './shared/live.js';
import { facts } from './facts.js';

const { dispute, state } = document.getElementById('view').dataset;
const again = (news) => news.dispute === dispute && news.state !== state && location.reload();
const names = ['answered', 'decided', 'withdrawn', 'refunded'].map((name) => `dispute.${name}`);
live('/events', { on: Object.fromEntries(names.map((name) => [name, again])), after: facts.after, poll: () => {} });

const button = document.getElementById('withdraw');
button?.addEventListener('click', () =>
  busy(button, async () => {
    try {
      await api('POST', `/api/disputes/${dispute}/withdraw`, {});
      location.reload();
    } catch ({ message }) {
      const problem = document.getElementById('problem');
      problem.querySelector('p').textContent = message;
      problem.hidden = false;
      problem.focus();
    }
  }),
);
