/* One contact: give a name, take off the list. */

import { api, busy, say, t } from './shared/app.js';
import { keepFresh, refresh, tellContact } from './fresh.js';
import { facts, go } from './facts.js';
import { hex } from './phone.js';
import { hasSecureKeys, loadKey } from './shared/keys.js';

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
    if (hasSecureKeys()) await workOut();
  } catch (problem) {
    say(problem.message, 0);
  }
});

/** Show the number that this phone works out, in place of the service's. */
async function workOut() {
  const shown = part('safety-number');
  const { realm, sides } = JSON.parse(shown.dataset.madeOf);
  const key = await loadKey(facts.phone);
  if (!key || !sides[0].keys.some(({ kid }) => kid === hex(key.kid))) return; // a key that is lost: the page says so elsewhere
  const { safetyNumber } = await import('./safety.js');
  const number = await safetyNumber(realm, ...sides);
  shown.dataset.number = number;
  [...shown.children].forEach((group, at) => (group.textContent = number.slice(5 * at, 5 * at + 5)));
  part('own-sum').hidden = false;
}

if (hasSecureKeys()) workOut().catch(() => {});

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
