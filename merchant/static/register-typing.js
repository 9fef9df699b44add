/* What people type into the register's sheets: a share, an amount, the parts of a total; and how it is written back. */

import { minorUnits, typed } from './shared/keypad.js';

/** The share that somebody typed, `12 %` or `3.50`; `{}` for nothing, null for what is neither. */
export function typedShare(text, exponent) {
  const plain = text.trim().replace(',', '.').replace('％', '%');
  const percent = /^(\d{1,3})(?:\.(\d{1,2}))? ?%$/.exec(plain);
  if (percent) {
    const points = Number(percent[1]) * 100 + Number((percent[2] ?? '').padEnd(2, '0'));
    return points > 10000 ? null : points ? { basis_points: points } : {};
  }
  if (!plain) return {};
  const amount = typedMinor(plain, exponent);
  return amount === null ? null : amount ? { amount_minor: amount } : {};
}

/** Minor units of a typed amount; null when it is none. */
export function typedMinor(text, exponent) {
  const plain = text.trim().replace(',', '.');
  const [, decimals = ''] = plain.split('.');
  return /^\d{1,12}(\.\d*)?$/.test(plain) && decimals.length <= exponent ? minorUnits(plain, exponent) : null;
}

/** A share as somebody would type it. */
export function shareText({ basis_points: points = 0, amount_minor: amount = 0 } = {}, exponent = 2) {
  return points ? `${points / 100} %` : typed(amount, exponent);
}

/** A total in `count` parts that differ by one minor unit at most, the larger ones first. */
export function equalParts(total, count) {
  const part = Math.floor(total / count);
  return Array.from({ length: count }, (_, place) => part + (place < total % count ? 1 : 0));
}
