/* My settings here, and the way out. */

import { api, busy, say } from './shared/app.js';
import { go } from './facts.js';
import { forgetPhone } from './forget.js';

const part = (name) => document.getElementById(name);

part('leave').addEventListener('click', () => part('leave-sheet').showModal());
part('leave-yes').addEventListener('click', async () => {
  try {
    await busy(part('leave-yes'), () => api('POST', '/api/session/end', {})).catch((problem) => {
      if (!['not_signed_in', 'device_revoked'].includes(problem.code)) throw problem; // otherwise it has ended already
    });
    await forgetPhone();
    go('/welcome', true);
  } catch (problem) {
    part('leave-sheet').close();
    say(problem.message, 0);
  }
});
import('./shared/language.js').catch(() => {}); // the page may be left before they have come
import('./sounds.js').catch(() => {});
