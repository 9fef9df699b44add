/* My settings here: the first PIN, a new key for this phone, the way out. */

import { api, busy, say, t } from './shared/app.js';
import { forgetKey, hasSecureKeys } from './shared/keys.js';
import { replaceKey } from './enroll.js';
import { facts, go } from './facts.js';
import { deviceKey, isServerHeld } from './phone.js';
import { chosenPin, confirmation } from './pin.js';

const part = (name) => document.getElementById(name);

/** A key can be made where the service holds one although this page could, and where this phone's own is gone. */
async function offerKey() {
  if (!hasSecureKeys()) return;
  const isLost = !isServerHeld() && !(await deviceKey().catch(() => null));
  part('key-lost').hidden = !isLost;
  part('new-key').hidden = !(isLost || isServerHeld());
}

part('new-key').addEventListener('click', async () => {
  try {
    await busy(part('new-key'), async () => {
      const confirmed = facts.has_pin ? await confirmation() : undefined;
      if (confirmed === null) return;
      await replaceKey(facts, confirmed);
      location.reload();
    });
  } catch (problem) {
    say(problem.message, 0);
  }
});

part('set-pin')?.addEventListener('click', async () => {
  try {
    if (await chosenPin()) location.reload();
  } catch (problem) {
    say(problem.message, 0);
  }
});

part('leave').addEventListener('click', () => part('leave-sheet').showModal());
part('leave-yes').addEventListener('click', async () => {
  try {
    await busy(part('leave-yes'), () => api('POST', '/api/session/end', {}));
    if (hasSecureKeys()) await forgetKey(facts.phone);
    go('/welcome', true);
  } catch (problem) {
    part('leave-sheet').close();
    say(problem.message, 0);
  }
});

offerKey();
import('./shared/language.js');
import('./sounds.js');
