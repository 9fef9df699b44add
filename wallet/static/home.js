/* Home: the balance and the newest entries, always as they are; the eye that hides the balance. */

import { at, busy, say, t } from './shared/app.js';
import { keepFresh, MONEY_NEWS, REQUEST_NEWS, tellContact } from './fresh.js';
import { go } from './facts.js';
import { pending } from './pending.js';

const part = (name) => document.getElementById(name);

part('veil').addEventListener('click', () => {
  const isVeiled = part('veil').getAttribute('aria-pressed') !== 'true';
  part('veil').setAttribute('aria-pressed', String(isVeiled));
  part('veil').querySelector('use').href.baseVal = part('veil').querySelector('use').href.baseVal.replace(/#.*/, isVeiled ? '#eye-off' : '#eye');
  part('shown').hidden = isVeiled;
  part('veiled').hidden = !isVeiled;
  document.cookie = `wallet_veil=${isVeiled ? 1 : 0}; path=${at('') || '/'}; max-age=31536000; samesite=lax`;
});

part('pending').hidden = !pending();
const lost = part('key-lost');
import('./rekey.js').then(async ({ isLost, mend }) => {
  lost.hidden = !(await isLost().catch(() => false));
  part('mend')?.addEventListener('click', () => busy(part('mend'), mend).catch((problem) => say(problem.message, 0)));
}, () => {}); // the page was left before it came
keepFresh(['balance', 'recent', 'waiting', 'safety'], {
  ...MONEY_NEWS,
  ...REQUEST_NEWS,
  'wallet.frozen': () => {},
  'wallet.unfrozen': () => {},
  'device.added': ({ device }) => say(t('devices.added_now', { device })),
  'intent.confirmation_required': ({ intent }) => go(`/confirm/${intent}`),
  'intent.declined': () => {},
  'intent.canceled': () => {},
  'contact.requested': tellContact('live.asks'),
  'contact.accepted': tellContact('live.accepted'),
});
