/* Saying yes or no to a browser that asks to be signed in. Opening the page tells the browser who is looking, no more. */

import { api, busy, say, t } from './shared/app.js';
import { facts } from './facts.js';

const part = (name) => document.getElementById(name);
const login = location.hash.slice(1);
let device = '';

async function look() {
  history.replaceState(null, '', location.pathname); // so that it is not left in the address
  if (!login) return refuse({ message: t('approve.nothing') });
  try {
    const asked = await api('POST', '/api/logins/look', named());
    device = asked.device || t('devices.unnamed');
    part('device').textContent = device;
    part('address').textContent = asked.address;
    part('same-network').hidden = !asked.is_same_network;
    part('other-network').hidden = asked.is_same_network;
    return show('view');
  } catch (problem) {
    return refuse(problem);
  }
}

const named = () => ({ login: `${location.origin}/l#${login}` });

function show(name) {
  for (const each of ['loading', 'view', 'approved', 'refused', 'problem']) part(each).hidden = each !== name;
  if (part(name).tabIndex === -1) part(name).focus();
}

function refuse({ message }) {
  part('problem-text').textContent = message;
  show('problem');
  say(message);
}

/** Send the answer; what stands against it is told above the buttons, and both can be pressed again. */
function onPress(name, send) {
  part(name).addEventListener('click', async () => {
    part('answer-problem').hidden = true;
    try {
      await busy(part(name), send);
    } catch (problem) {
      part('answer-problem').querySelector('p').textContent = problem.message;
      part('answer-problem').hidden = false;
      part('answer-problem').focus();
    }
  });
}

onPress('approve', async () => {
  const confirmed = facts.has_pin ? await (await import('./pin.js')).confirmation(t('pin.needed_text')) : undefined;
  if (confirmed === null) return;
  await api('POST', '/api/logins/approve', { ...named(), confirmation: confirmed });
  part('approved-text').textContent = t('approve.done_text', { device });
  show('approved');
  say(t('approve.done'));
});
onPress('refuse', async () => {
  await api('POST', '/api/logins/refuse', named());
  show('refused');
  say(t('approve.refused'));
});
window.addEventListener('hashchange', () => location.reload());
look();
