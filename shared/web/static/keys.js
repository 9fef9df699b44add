/* This phone's key: made by the browser, never readable by anyone (not by this page either), kept in IndexedDB. The
   database's name carries `name`, so that two wallets of one address hold two keys. A browser without a secure context
   has none of this; then the server holds a key and says so. */

import { kidOf } from './sm1.js';

const ALGORITHMS = {
  'Ed25519': { make: { name: 'Ed25519' }, sign: { name: 'Ed25519' } },
  'P-256': { make: { name: 'ECDSA', namedCurve: 'P-256' }, sign: { name: 'ECDSA', hash: 'SHA-256' } },
};
const STORE = 'keys', DEVICE = 'device';

/** Whether this page may make a key that cannot be copied. */
export function hasSecureKeys() {
  return globalThis.isSecureContext === true && Boolean(globalThis.crypto?.subtle) && Boolean(globalThis.indexedDB);
}

/** A new key in place of an old one: Ed25519, or P-256 where the browser lacks it.
    {algorithm, rawPublicKey, kid, sign(bytes)}, the signature always 64 bytes. */
export async function makeKey(name, algorithms = Object.keys(ALGORITHMS)) {
  const { algorithm, pair } = await firstPossible(algorithms);
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const stored = {
    algorithm, privateKey: pair.privateKey, rawPublicKey: algorithm === 'P-256' ? compressed(raw) : raw,
  };
  await inStore(name, 'readwrite', (store) => store.put(stored, DEVICE));
  return usable(stored);
}

/** The key made before, or null. */
export async function loadKey(name) {
  const stored = await inStore(name, 'readonly', (store) => store.get(DEVICE));
  return stored ? usable(stored) : null;
}

/** Forget the key for good, with all that is kept beside it. The money stays: it is the account's, and the next key is
    enrolled anew. */
export async function forgetKey(name) {
  await inStore(name, 'readwrite', (store) => store.clear());
}

async function firstPossible(algorithms) {
  let refusal = new TypeError('no algorithm given');
  for (const algorithm of algorithms) {
    try {
      return { algorithm, pair: await crypto.subtle.generateKey(ALGORITHMS[algorithm].make, false, ['sign', 'verify']) };
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

async function usable({ algorithm, privateKey, rawPublicKey }) {
  return Object.freeze({
    algorithm,
    rawPublicKey,
    privateKey,
    kid: await kidOf(algorithm, rawPublicKey),
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign(ALGORITHMS[algorithm].sign, privateKey, bytes)),
  });
}

/** 04 x y as 02 x or 03 x. */
function compressed(point) {
  return Uint8Array.from([2 + (point[64] & 1), ...point.subarray(1, 33)]);
}

/** The `result` of what `request(store)` gives, once its transaction is complete. */
export async function inStore(name, mode, request) {
  const database = await opened(`saoma-keys-${name}`);
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: 'strict' });
      const asked = request(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

function opened(databaseName) {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(databaseName, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
