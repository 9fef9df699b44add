/* The list of requests for money, as it is now, and the switch that takes none. */

import { api, busy, say, t } from './shared/app.js';
import { keepFresh, MONEY_NEWS, REQUEST_NEWS } from './fresh.js';

const takes = document.getElementById('takes');

takes.addEventListener('click', async () => {
  const wanted = takes.getAttribute('aria-checked') !== 'true';
  try {
    await busy(takes, () => api('PUT', '/api/money-requests/preference', { takes_requests: wanted }));
    takes.setAttribute('aria-checked', String(wanted));
    say(t(wanted ? 'request.now_taken' : 'request.now_refused'));
  } catch (problem) {
    say(problem.message, 0);
  }
});

keepFresh(['lists'], { ...MONEY_NEWS, ...REQUEST_NEWS });
