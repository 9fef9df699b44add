/* A phone that opens the secure page without a warning has no need of the explanations, and goes there at once. */

import { say, t } from './shared/app.js';

const { origin, to } = document.getElementById('start').dataset;

/** Whether this browser gets an answer from the secure address: it trusts the certificate, or was told to accept it. */
const isTrusted = () => fetch(`${origin}/healthz`, { mode: 'no-cors', cache: 'no-store', credentials: 'omit' }).then(() => true, () => false);

if (await isTrusted()) {
  say(t('start.trusted'), 0);
  location.replace(to + location.hash);
}
