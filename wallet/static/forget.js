/* Leaving: nothing of the wallet stays in this browser, neither what was kept for being offline nor the worker. */

import { at } from './shared/app.js';
import { forgetKey, hasSecureKeys } from './shared/keys.js';
import { facts } from './facts.js';
import { forgetPending } from './pending.js';

/** Forget the key, what was kept beside it, the worker of this prefix and its caches. */
export async function forgetPhone() {
  document.documentElement.dataset.leaving = ''; // what stands by on this page takes up nothing any more
  forgetPending();
  if (hasSecureKeys()) await forgetKey(facts.phone);
  const worker = await navigator.serviceWorker?.getRegistration(at('/')).catch(() => null);
  if (!worker || new URL(worker.scope).pathname !== at('/')) return;
  await worker.unregister();
  const mine = (await caches.keys()).filter((name) => name.startsWith(`saoma ${at('/')} `));
  await Promise.all(mine.map((name) => caches.delete(name)));
}
