/* The sales that this browser has charged and not seen the end of. They outlive a reload, a lost network and a service
   that is down, so that no till forgets what it asked a customer to pay. */

import { at } from './shared/app.js';

const NAME = `saoma-kept-sales:${at('')}`;
const MOST = 50;
const AGE_MS = 7 * 24 * 3600 * 1000;

/** The kept sales, oldest first: [{id, amount_minor, currency, kept_at, is_unknown}]. */
export function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(NAME) ?? '[]');
    return found.filter((sale) => Date.now() - sale.kept_at < AGE_MS);
  } catch {
    return []; // no storage, or what is in it is not ours
  }
}

/** Keep a sale; `isUnknown` once the till could not learn how it stands: then its end is told. */
export function keep({ id, amount_minor: minor, currency }, isUnknown) {
  const before = kept().find((sale) => sale.id === id);
  const entry = { id, amount_minor: minor, currency, kept_at: before?.kept_at ?? Date.now(), is_unknown: isUnknown || Boolean(before?.is_unknown) };
  write([...kept().filter((sale) => sale.id !== id), entry].slice(-MOST));
}

/** The sale's end is known, or told. */
export function forget(id) {
  write(kept().filter((sale) => sale.id !== id));
}

function write(sales) {
  try {
    localStorage.setItem(NAME, JSON.stringify(sales));
  } catch {
    /* a browser that keeps nothing: the service knows the sale all the same */
  }
}
