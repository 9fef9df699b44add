/* Safety at a glance: freezing, the PIN, this phone's key. */

import { api, busy, say, t } from './shared/app.js';
import { facts } from './facts.js';
import { keepFresh } from './fresh.js';

// The sheet for the PIN and the making of keys come when they are needed.
const pins = () => import('./pin.js');
const keys = () => import('./rekey.js');
const part = (name) => document.getElementById(name);

const ACTS = {
  async freeze() {
    await api('POST', '/api/freeze', {});
    location.reload();
  },
  async lift() {
    const confirmed = facts.has_pin ? await (await pins()).confirmation(t('pin.needed_text')) : undefined;
    if (confirmed === null) return;
    await api('POST', '/api/freeze/lift', { confirmation: confirmed });
    location.reload();
  },
  async 'set-pin'() {
    if (await (await pins()).chosenPin()) location.reload();
  },
  async 'change-pin'() {
    if (await (await pins()).changedPin()) say(t('security.pin_changed'));
  },
  'new-key': async () => (await keys()).mend(),
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
  const { isLost, canMake } = await keys();
  const isGone = await isLost().catch(() => false);
  part('key-lost').hidden = !isGone;
  part('new-key').hidden = !(isGone || (facts.custody === 'server' && canMake()));
}

offerKey().catch(() => {}); // the page was left before it came
keepFresh(['freezing'], {
  'wallet.frozen': () => say(t('security.frozen_now')),
  'wallet.unfrozen': () => say(t('security.lifted')),
});
