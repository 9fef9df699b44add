/* Home: the balance and the newest entries, always as they are; the eye that hides the balance. */

import { at } from './shared/app.js';
import { keepFresh, MONEY_NEWS, tellContact } from './fresh.js';
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
keepFresh(['balance', 'recent', 'waiting'], {
  ...MONEY_NEWS,
  'contact.requested': tellContact('live.asks'),
  'contact.accepted': tellContact('live.accepted'),
});
