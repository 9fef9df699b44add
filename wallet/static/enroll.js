/* A new key for this phone, and the contact card by which the service learns its public half. */

import { api } from './shared/app.js';
import { hasSecureKeys, makeKey } from './shared/keys.js';
import { codeText, sealCard } from './shared/sm1.js';
import { facts } from './facts.js';

/** A new key and the card that it seals for this person, as code text; null where this page may not keep a key. */
export async function newCard({ handle, display_name, realm, now_ms }) {
  if (!hasSecureKeys()) return null;
  const key = await makeKey(facts.phone);
  const issued_at_s = Math.floor(now_ms / 1000);
  return codeText(location.origin, await sealCard({ handle, display_name, issued_at_s }, key, realm));
}

/** Give the signed-in person a new key on this phone. `confirmation` is needed where a PIN is set. */
export async function replaceKey(me, confirmation = null) {
  return api('POST', '/api/keys', { card: await newCard(me), confirmation });
}
