/* This phone: who is signed in on it, what time the service has, and the key that it signs with. */

import { api, at, Problem, t } from './shared/app.js';
import { hasSecureKeys, loadKey, makeKey } from './shared/keys.js';
import { codeText, sealCard } from './shared/sm1.js';

/** What the page says about the signed-in person and the installation; see wallet/page.py. */
export const facts = JSON.parse(document.getElementById('facts').textContent);

const ahead = (facts.now_ms ?? Date.now()) - Date.now();

/** The service's time in whole seconds: what is signed here carries its clock, not this phone's. */
export const nowS = () => Math.floor((Date.now() + ahead) / 1000);

/** Whether the service signs for this browser, because its page is not secure enough to keep a key. */
export const isServerHeld = () => facts.custody === 'server';

/** The key that the service knows this phone by; a `Problem` when this browser has it no more. */
export async function deviceKey() {
  const key = hasSecureKeys() ? await loadKey(facts.phone) : null;
  if (!key || hex(key.kid) !== facts.kid) throw new Problem('key_lost', t('key.lost'), 400);
  return key;
}

/** A new key and the card that it seals for this person, as code text; null where this page may not keep a key. */
export async function newCard({ handle, display_name, realm, now_ms }) {
  if (!hasSecureKeys()) return null;
  const key = await makeKey(facts.phone);
  const issued_at_s = Math.floor(now_ms / 1000);
  return codeText(location.origin, await sealCard({ handle, display_name, issued_at_s }, key, realm));
}

/** Give the signed-in person a new key on this phone. `confirmation` is needed where a PIN is set. */
export async function replaceKey(me, confirmation = null) {
  const card = await newCard(me);
  return api('POST', '/api/keys', { card, confirmation });
}

export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** Go to another page of the wallet; with `inPlace` the way back does not lead here again. */
export function go(path, inPlace = false) {
  if (inPlace) location.replace(at(path));
  else location.assign(at(path));
}
