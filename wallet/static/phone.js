/* What this phone signs with, and the service's time, which it signs. */

import { api, Problem, t } from './shared/app.js';
import { hasSecureKeys, loadKey } from './shared/keys.js';
import { facts } from './facts.js';

const MOVED_MS = 10_000;
let ahead = facts.now_ms - Date.now();
window.addEventListener('clock-advanced', ({ detail }) => (ahead += detail));

/** The service's time in whole seconds. */
export const nowS = () => Math.floor((Date.now() + ahead) / 1000);

/** By how much this page takes the service's clock to be ahead of its own, in milliseconds. */
export const aheadMs = () => ahead;

/** Whether the service's clock was moved since it was `before` ahead; from now on the page goes by it. */
export async function isClockMoved(before) {
  ahead = (await api('GET', '/api/me')).now_ms - Date.now();
  return Math.abs(ahead - before) > MOVED_MS;
}

/** Whether the service signs for this browser. */
export const isServerHeld = () => facts.custody === 'server';

/** The key that the service knows this phone by; a `Problem` when this browser has it no more. */
export async function deviceKey() {
  const key = hasSecureKeys() ? await loadKey(facts.phone) : null;
  if (!key || hex(key.kid) !== facts.kid) throw new Problem('key_lost', t('key.lost'), 400);
  return key;
}

export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
