/* The cart of the register: what `POST /api/sales` takes, kept in this tab until it is charged, and what it comes to. */

import { at } from './shared/app.js';
import { priced } from './register-pricing.js';

export const MAX_MINOR = 10 ** 12;
const MOST_OF_ONE = 999;
const MOST_LINES = 200;
const PLACE = `saoma-cart${at('')}`;

/** An empty cart over the catalogue `items`, a map by id. `onChange()` after each change. */
export function newCart(items, onChange) {
  let lines = [];
  let shares = { discount: {}, tip: {} };
  let typedMinor = 0;

  const choices = (line) => (items.get(line.item)?.options ?? []).flatMap((group) => group.choices);
  const chosen = (line) => choices(line).filter(({ id }) => line.options?.includes(id));
  const unit = (line) => (line.item ? items.get(line.item).price_minor + chosen(line).reduce((minor, one) => minor + one.delta_minor, 0) : line.typed_minor);
  const all = () => (typedMinor ? [...lines, { typed_minor: typedMinor }] : lines);
  const isLike = (line, item, options) => line.item === item && String(line.options) === String(options) && !hasShare(line.discount);

  function bill() {
    const rows = all().map(({ quantity = 1, discount, ...line }) => ({ unit: unit(line), quantity, tax_bp: items.get(line.item)?.tax_bp ?? 0, discount }));
    return priced(rows, shares.discount, shares.tip);
  }

  /** Try a change; false, and everything as it was, when the cart would not carry it. */
  function changed(work) {
    const before = [lines, shares];
    lines = lines.map((line) => ({ ...line }));
    shares = { ...shares };
    work();
    const { goods, total } = bill();
    const fits = lines.length <= MOST_LINES && goods <= MAX_MINOR && total <= MAX_MINOR && lines.every(({ quantity = 1 }) => quantity <= MOST_OF_ONE);
    if (!fits) [lines, shares] = before;
    keep();
    onChange();
    return fits;
  }

  function keep() {
    try {
      if (lines.length || hasShare(shares.discount) || hasShare(shares.tip)) sessionStorage.setItem(PLACE, JSON.stringify(body()));
      else sessionStorage.removeItem(PLACE);
    } catch {
      // A browser that keeps nothing: the cart lives as long as the page.
    }
  }

  const body = () => ({ lines: lines.map((line) => ({ ...line })), ...shares });

  return {
    bill,
    unit,
    get lines() {
      return all();
    },
    get typedMinor() {
      return typedMinor;
    },
    get shares() {
      return shares;
    },
    options: (line) => chosen(line).map(({ name }) => name).join(', '),
    type(minor) {
      typedMinor = minor;
      onChange();
    },
    /** What was typed becomes a line of its own, so that another amount can be typed; its place. */
    keepTyped() {
      if (typedMinor) lines = [...lines, { typed_minor: typedMinor }];
      typedMinor = 0;
      changed(() => {});
      return lines.length - 1;
    },
    add(item, { options = [], quantity = 1, discount = {} } = {}) {
      return changed(() => {
        const line = hasShare(discount) ? null : lines.find((one) => isLike(one, item, options));
        if (line) line.quantity += quantity;
        else lines.push({ item, quantity, options, discount });
      });
    },
    change: (place, change) => changed(() => Object.assign(lines[place], change)),
    more: (place) => changed(() => (lines[place].quantity += 1)),
    less: (place) => changed(() => ((lines[place].quantity ?? 1) > 1 ? (lines[place].quantity -= 1) : lines.splice(place, 1))),
    remove: (place) => changed(() => lines.splice(place, 1)),
    share: (name, share) => changed(() => (shares[name] = share)),
    body: () => ({ ...body(), lines: all().map((line) => ({ ...line })) }),
    /** Take a kept or parked cart over; how many of its lines are not sold here any more, which are left out. */
    load(given) {
      const known = (given.lines ?? []).filter((line) => !line.item || (items.has(line.item) && chosen(line).length === (line.options ?? []).length));
      lines = known.map((line) => ({ ...line, ...(line.item && { options: line.options ?? [] }) }));
      shares = { discount: given.discount ?? {}, tip: given.tip ?? {} };
      changed(() => {});
      return (given.lines ?? []).length - known.length;
    },
    clear() {
      [lines, shares, typedMinor] = [[], { discount: {}, tip: {} }, 0];
      changed(() => {});
    },
  };
}

/** Whether a share is more than nothing. */
export const hasShare = (share) => Boolean(share?.basis_points || share?.amount_minor);

/** What this tab kept of a cart that was not charged; null when there is nothing. */
export function keptCart() {
  try {
    return JSON.parse(sessionStorage.getItem(PLACE));
  } catch {
    return null;
  }
}
