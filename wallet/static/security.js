/* Safety at a glance: freezing, the PIN, this phone's key. */

import { api, busy, say, t } from './shared/app.js';
import { hasSecureKeys } from './shared/keys.js';
import { facts } from './facts.js';
import { keepFresh } from './fresh.js';
import { isServerHeld } from './phone.js';
import { changedPin, chosenPin, confirmation } from './pin.js';
import { isLost, mend } from './rekey.js';

const part = (name) => document.getElementById(name);

const ACTS = {
  async freeze() {
    await api('POST', '/api/freeze', {});
    location.reload();
  },
  async lift() {
    const confirmed = facts.has_pin ? await confirmation(t('pin.needed_text')) : undefined;
    if (confirmed === null) return;
    await api('POST', '/api/freeze/lift', { confirmation: confirmed });
    location.reload();
  },
  async 'set-pin'() {
    if (await chosenPin()) location.reload();
  },
  async 'change-pin'() {
    if (await changedPin()) say(t('security.pin_changed'));
  },
  'new-key': mend,
};

document.querySelector('main').addEventListener('click', async ({ target }) => {
  const button = target.closest('button');
  const act = ACTS[button?.id];
  if (!act) return;
  try {
    await busy(button, act);
  } catch (problem) {
    say(problem.message, 0);
  }
});

/** A key can be made where the service holds one although this page could, and where this phone's own is gone. */
async function offerKey() {
  if (!hasSecureKeys()) return;
  const isGone = await isLost().catch(() => false);
  part('key-lost').hidden = !isGone;
  part('new-key').hidden = !(isGone || isServerHeld());
}

offerKey();
keepFresh(['freezing'], {
  'wallet.frozen': () => say(t('security.frozen_now')),
  'wallet.unfrozen': () => say(t('security.lifted')),
});
