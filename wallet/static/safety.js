/* The safety number, worked out on this phone from the keys themselves, so that the service cannot show two people one
   number for different keys. The same recipe as shared/identity/safety.py; docs/vectors/safety.json holds for both. */

import { unhex } from './phone.js';

const ROUNDS = 5200;
const PURPOSE = 'saoma-safety\0';
const utf8 = (text) => new TextEncoder().encode(text);

/** Sixty digits of two sides {handle, keys: [{algorithm, kid, public_key}]}, the same whichever comes first. */
export async function safetyNumber(realm, one, other) {
  const halves = await Promise.all([half(realm, one), half(realm, other)]);
  return halves.sort().join('');
}

async function half(realm, { handle, keys }) {
  const named = bytesOf(realm, handle, keys);
  let digest = await sha512(named);
  const chained = new Uint8Array(digest.length + named.length);
  chained.set(named, digest.length);
  for (let round = 1; round < ROUNDS; round += 1) {
    chained.set(digest);
    digest = await sha512(chained);
  }
  const pieces = Array.from({ length: 6 }, (_, at) => digest.subarray(5 * at, 5 * at + 5));
  return pieces.map((piece) => String(piece.reduce((value, byte) => value * 256 + byte, 0) % 100000).padStart(5, '0')).join('');
}

const sha512 = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-512', bytes));

function bytesOf(realm, handle, keys) {
  const inOrder = [...keys].sort((a, b) => (a.kid < b.kid ? -1 : 1));
  const parts = [utf8(realm), utf8(handle), ...inOrder.flatMap((key) => [utf8(key.algorithm), unhex(key.public_key)])];
  return Uint8Array.from([...utf8(PURPOSE), ...parts.flatMap((part) => [part.length, ...part])]);
}
