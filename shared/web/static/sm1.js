/* The code format SM1 as a phone needs it: cards, requests, payer codes and orders are sealed here, by a key that never leaves the
   browser. The twin of shared/codes; docs/vectors/sm1.json holds both to the same bytes. Fields have the names they have
   there and in every JSON answer; bytes are Uint8Array. */

const CONTACT_CARD = 1, PEER_REQUEST = 2, PAYER_CODE = 5, ORDER = 6;
const FIELDS = {
  handle: 1, amount_minor: 2, currency: 3, reference: 4, memo: 5, issued_at_s: 6, ttl_s: 7, jti: 8, display_name: 9,
  public_key: 10, counter: 11, cap_minor: 12, terminal: 13, payee: 14, kind: 15, subject: 16, seq: 17, transfer: 18,
  checkpoint_size: -1, checkpoint_root: -2,
};
const CARD_FIELDS = ['handle', 'issued_at_s', 'display_name', 'public_key'];
const REQUEST_FIELDS = ['handle', 'amount_minor', 'currency', 'memo', 'issued_at_s', 'ttl_s', 'jti'];
const ORDER_FIELDS = ['amount_minor', 'currency', 'memo', 'issued_at_s', 'ttl_s', 'jti', 'payee', 'kind', 'subject'];
const PAYER_FIELDS = ['currency', 'issued_at_s', 'ttl_s', 'jti', 'counter', 'cap_minor'];

export const ORDER_KIND = Object.freeze({
  pay: 1, send: 2, refund: 3, top_up: 4, payout: 5, hold: 6, capture: 7, void: 8, withdraw: 13,
});
export const MAX_FRAME = 240;
export const MAX_DIGITS = 700;

const VERSION = 1, SIGNATURE_BYTES = 64;
const WIDTHS = [0, 3, 5, 8, 10, 13, 15, 17];
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0]/gu;
const utf8 = new TextEncoder();

/** The deterministic CBOR of a Map from integers to integers, text or bytes. */
export function encodeBody(fields) {
  const pairs = [...fields].map(([key, value]) => [encodeInt(key), encodeValue(value)]);
  pairs.sort(([left], [right]) => compareBytes(left, right));
  return joined(head(5, pairs.length), ...pairs.flat());
}

/** The frame without its signature; RangeError when the texts together are too long for a code. */
export function frameFor(type, kid, body) {
  if (2 + kid.length + body.length + SIGNATURE_BYTES > MAX_FRAME) throw new RangeError('code_too_long');
  return joined([VERSION, type], kid, body);
}

/** What is signed for a frame: purpose, realm, frame. */
export function toBeSigned(realm, unsignedFrame) {
  const name = utf8.encode(realm);
  if (name.length < 1 || name.length > 255) throw new RangeError('the name of a realm has 1 to 255 bytes');
  return joined(utf8.encode('saoma-code\0'), [name.length], name, unsignedFrame);
}

/** Bytes as the digits of a code. */
export function digits(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; at += 7) {
    const chunk = bytes.subarray(at, at + 7);
    const number = chunk.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    text += number.toString().padStart(WIDTHS[chunk.length], '0');
  }
  return text;
}

/** The bytes of some digits, or null where no bytes give these digits. */
export function bytesOfDigits(text) {
  if (text.length > MAX_DIGITS || !/^[0-9]*$/.test(text)) return null;
  const bytes = [];
  for (let at = 0; at < text.length; at += 17) {
    const chunk = text.slice(at, at + 17);
    const size = WIDTHS.indexOf(chunk.length);
    let number = BigInt(chunk);
    if (size < 1 || number >= 256n ** BigInt(size)) return null;
    for (let count = 0; count < size; count += 1, number /= 256n) bytes.push(Number(number % 256n));
  }
  return Uint8Array.from(bytes);
}

/** The text to draw for a frame: a link to the wallet at `baseUrl`. */
export function codeText(baseUrl, frame) {
  return `${baseUrl.replace(/\/+$/, '')}/q#${digits(frame)}`;
}

export function toBase64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

export function fromBase64url(text) {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
}

/** The 8 bytes by which a code names a key. */
export async function kidOf(algorithm, rawPublicKey) {
  const named = joined(utf8.encode(`saoma-kid\0${algorithm}\0`), rawPublicKey);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', named)).slice(0, 8);
}

/** A fresh one-time number for a request or an order. */
export function newJti() {
  return crypto.getRandomValues(new Uint8Array(8));
}

/** Any kind of code, from fields by name; those that are null or undefined are left out. */
export async function seal(type, fields, key, realm) {
  const body = new Map();
  for (const [name, value] of Object.entries(fields)) {
    if (!(name in FIELDS)) throw new TypeError(`no field ${name}`);
    if (value !== null && value !== undefined) body.set(FIELDS[name], typeof value === 'string' ? plain(value) : value);
  }
  const unsigned = frameFor(type, key.kid, encodeBody(body));
  return joined(unsigned, await key.sign(toBeSigned(realm, unsigned)));
}

/** A contact card {handle, issued_at_s, display_name}; the key puts itself in. */
export async function sealCard(fields, key, realm) {
  return seal(CONTACT_CARD, only(CARD_FIELDS, { ...fields, public_key: key.rawPublicKey }), key, realm);
}

/** A request for money {handle, currency, issued_at_s, ttl_s, jti} and perhaps amount_minor, memo. */
export async function sealRequest(fields, key, realm) {
  return seal(PEER_REQUEST, only(REQUEST_FIELDS, fields), key, realm);
}

/** An order {amount_minor, currency, issued_at_s, ttl_s, jti, payee, kind} and perhaps subject, memo. */
export async function sealOrder(fields, key, realm) {
  return seal(ORDER, only(ORDER_FIELDS, fields), key, realm);
}

/** A payer code {currency, issued_at_s, ttl_s, jti, counter, cap_minor}: it names neither a shop nor an amount. */
export async function sealPayer(fields, key, realm) {
  return seal(PAYER_CODE, only(PAYER_FIELDS, fields), key, realm);
}

function only(names, fields) {
  const extra = Object.keys(fields).find((name) => !names.includes(name));
  if (extra) throw new TypeError(`no field ${extra} in this kind of code`);
  return fields;
}

/** Composed, without line breaks or invisible characters: what the other side will accept (shared/identity/wording.py). */
function plain(text) {
  return text.normalize('NFC').replace(/\s/gu, ' ').replace(UNSEEN, '').normalize('NFC').trim();
}

function head(major, argument) {
  const number = BigInt(argument);
  const mark = major << 5;
  if (number < 24n) return [mark | Number(number)];
  const size = [1, 2, 4, 8].find((bytes) => number < 256n ** BigInt(bytes));
  if (!size) throw new RangeError('an integer in a code has at most 64 bits');
  const bytes = [mark | (24 + Math.log2(size))];
  for (let shift = size - 1; shift >= 0; shift -= 1) bytes.push(Number((number >> BigInt(8 * shift)) & 255n));
  return bytes;
}

function encodeInt(number) {
  if (typeof number !== 'bigint' && !Number.isSafeInteger(number)) throw new TypeError(`not an exact integer: ${number}`);
  return number >= 0 ? head(0, number) : head(1, -1n - BigInt(number));
}

function encodeValue(value) {
  if (typeof value === 'string') {
    const bytes = utf8.encode(value);
    return joined(head(3, bytes.length), bytes);
  }
  if (value instanceof Uint8Array) return joined(head(2, value.length), value);
  return encodeInt(value);
}

function compareBytes(left, right) {
  for (let at = 0; at < left.length && at < right.length; at += 1) {
    if (left[at] !== right[at]) return left[at] - right[at];
  }
  return left.length - right.length;
}

function joined(...parts) {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
