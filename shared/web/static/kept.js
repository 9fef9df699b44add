/* What is kept beside this phone's key: the counter of its payer codes, and what its pages must know without the service. */

import { inStore } from './keys.js';

const COUNTER = 'counter', FACTS = 'facts';

/** The next number of this phone's payer codes: one transaction, so that no two pages ever get the same. */
export async function nextCounter(name) {
  return inStore(name, 'readwrite', (store) => {
    const told = { result: 0 };
    const asked = store.get(COUNTER);
    asked.onsuccess = () => store.put((told.result = (asked.result ?? 0) + 1), COUNTER);
    return told;
  });
}

/** Keep what pages must know without the service, in place of what was kept of the same names. */
export async function keepFacts(name, facts) {
  await inStore(name, 'readwrite', (store) => {
    const asked = store.get(FACTS);
    asked.onsuccess = () => store.put({ ...asked.result, ...facts }, FACTS);
    return asked;
  });
}

/** What was kept, or null. */
export async function keptFacts(name) {
  return (await inStore(name, 'readonly', (store) => store.get(FACTS))) ?? null;
}

/** Forget what was kept; the key stays. */
export async function forgetFacts(name) {
  await inStore(name, 'readwrite', (store) => store.delete(FACTS));
}
