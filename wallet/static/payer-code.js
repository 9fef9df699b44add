/* A payer code, sealed by this phone: no name, no amount, good once and for two minutes. It needs no network. */

import { nextCounter } from './shared/kept.js';
import { digits, newJti, sealPayer } from './shared/sm1.js';

export const TTL_S = 120;

/** The digits of a fresh payer code. `facts`: {phone, realm, currency_number, cap_minor, ahead_ms}. */
export async function sealPayerCode(key, { phone, realm, currency_number, cap_minor, ahead_ms }) {
  const fields = {
    currency: currency_number, issued_at_s: Math.floor((Date.now() + ahead_ms) / 1000), ttl_s: TTL_S, jti: newJti(),
    counter: await nextCounter(phone), cap_minor,
  };
  return digits(await sealPayer(fields, key, realm));
}
