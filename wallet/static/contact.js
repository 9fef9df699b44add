/* One contact: give a name, take off the list. */

import { api, busy, say, t } from './shared/app.js';
import { keepFresh, refresh, tellContact } from './fresh.js';
import { go } from './facts.js';

const part = (name) => document.getElementById(name);
const { handle, name } = part('contact').dataset;

keepFresh(['portrait'], { 'contact.accepted': tellContact('live.accepted') });

part('rename').addEventListener('submit', async (event) => {
  event.preventDefault();
  try {
    await busy(event.submitter ?? event.target.querySelector('button'), () =>
      api('PATCH', `/api/contacts/${handle}`, { alias: part('alias').value.trim() }),
    );
    say(t('contact.saved'));
    document.activeElement?.blur();
    await refresh(['portrait']);
  } catch (problem) {
    say(problem.message, 0);
  }
});

part('safety').addEventListener('click', async ({ target }) => {
  const button = target.closest('#check');
  if (!button) return;
  const { number } = part('safety-number').dataset;
  try {
    await busy(button, () => api('POST', `/api/contacts/${handle}/checked`, { safety_number: number }));
    say(t('contact.checked', { name }));
    button.blur();
    await refresh(['safety', 'new-key', 'new-key-badge', 'portrait']);
  } catch (problem) {
    say(problem.message, 0);
  }
});

part('takes').addEventListener('click', async () => {
  const wanted = part('takes').getAttribute('aria-checked') !== 'true';
  try {
    await busy(part('takes'), () => api('PUT', `/api/contacts/${handle}/requests`, { takes_requests: wanted }));
    part('takes').setAttribute('aria-checked', String(wanted));
    say(t('contact.saved'));
  } catch (problem) {
    say(problem.message, 0);
  }
});

part('remove').addEventListener('click', () => part('remove-sheet').showModal());
part('remove-yes').addEventListener('click', async () => {
  try {
    await busy(part('remove-yes'), () => api('DELETE', `/api/contacts/${handle}`));
    go('/contacts', true);
  } catch (problem) {
    part('remove-sheet').close();
    say(problem.message, 0);
  }
});
