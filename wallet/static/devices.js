/* The devices: one is given up by a tap and a yes, or all but this one. */

import { api, busy, say, t } from './shared/app.js';
import { keepFresh, refresh } from './fresh.js';

const part = (name) => document.getElementById(name);

let kid = null; // of the device that the open sheet asks about

part('back-again').hidden = location.hash !== '#back';

part('devices').addEventListener('click', ({ target }) => {
  const button = target.closest('[data-revoke], #others');
  if (!button) return;
  if (button.id === 'others') return part('others-sheet').showModal();
  kid = button.dataset.revoke;
  part('revoke-sheet-title').textContent = button.dataset.title;
  part('revoke-sheet').showModal();
});

/** Let the yes of a sheet do what it says. */
function onYes(sheet, path, done) {
  part(`${sheet}-yes`).addEventListener('click', async ({ target }) => {
    let told = t(done);
    try {
      await busy(target, () => api('POST', path(), {}));
    } catch (problem) {
      told = problem.message;
    }
    part(sheet).close();
    document.activeElement?.blur();
    say(told);
    await refresh(['devices']);
  });
}

onYes('revoke-sheet', () => `/api/devices/${kid}/revoke`, 'devices.given_up');
onYes('others-sheet', () => '/api/devices/others/revoke', 'devices.others_done');
keepFresh(['devices'], {
  'device.added': ({ device }) => say(t('devices.added_now', { device })),
  'device.revoked': () => {},
});
