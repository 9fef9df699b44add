/* A phone whose key is gone: Safari clears what scripts keep after seven days without a visit. The session is the
   service's and lives on, so a new key takes the old one's place; the old one is given up with it. */

import { api, t } from './shared/app.js';
import { hasSecureKeys } from './shared/keys.js';
import { replaceKey } from './enroll.js';
import { facts } from './facts.js';
import { deviceKey, isServerHeld } from './phone.js';

/** Whether a key could be made and kept here. */
export const canMake = hasSecureKeys;

/** Whether this phone's own key is gone. A page that is merely older than the key is loaded anew. */
export async function isLost() {
  if (!hasSecureKeys() || isServerHeld() || (await deviceKey().catch(() => null))) return false;
  const { kid } = await api('GET', '/api/me');
  if (kid === facts.kid) return true;
  location.reload();
  return false;
}

/** Make a new key on this phone, by the PIN where one is set; the page begins anew with it. */
export async function mend() {
  const confirmed = facts.has_pin ? await (await import('./pin.js')).confirmation(t('pin.needed_text')) : undefined;
  if (confirmed === null) return; // the person closed the sheet
  await replaceKey(facts, confirmed);
  location.reload();
}
