/* What a cart comes to, as merchant/register/pricing.py counts it: the till shows what it will charge. Integers only. */

const ALL = 10000;

const halfUp = (numerator, denominator) => Number((2n * numerator + denominator) / (2n * denominator));

/** A share in minor units: `basis_points` of the whole, or a fixed `amount_minor`. */
export function shareOf({ basis_points: points = 0, amount_minor: amount = 0 } = {}, whole = 0) {
  return amount || halfUp(BigInt(whole) * BigInt(points), BigInt(ALL));
}

/**
 * The figures of lines `{unit, quantity, tax_bp, discount}`: `lines` (gross, off, net of the line's own discount), `goods`,
 * `discount`, `tip`, `total`, `taxes` by rate, and `problem`: `discount_too_large`, `tip_too_large` or none.
 */
export function priced(lines, discount, tip) {
  const figures = lines.map(({ unit, quantity, discount: own }) => {
    const gross = unit * quantity;
    const off = shareOf(own, gross);
    return { gross, off, net: gross - off };
  });
  const goods = sum(figures, 'gross');
  const left = sum(figures, 'net');
  const cartOff = shareOf(discount, left);
  const toPay = left - cartOff;
  const given = shareOf(tip, toPay);
  const isOff = cartOff > left || figures.some(({ net }) => net < 0);
  const problem = isOff ? 'discount_too_large' : given > toPay ? 'tip_too_large' : '';
  const taxes = problem ? [] : taxesOf(lines, figures, cartOff);
  return { lines: figures, goods, discount: sum(figures, 'off') + cartOff, tip: given, total: toPay + given, toPay, left, taxes, problem };
}

const sum = (list, name) => list.reduce((whole, one) => whole + one[name], 0);

/** The parts of `total` as the weights are to each other; the largest remainders get what is left over. */
export function spread(total, weights) {
  const whole = BigInt(weights.reduce((all, weight) => all + weight, 0));
  if (!whole) return weights.map(() => 0);
  const exact = weights.map((weight) => BigInt(total) * BigInt(weight));
  const parts = exact.map((one) => Number(one / whole));
  const order = weights.map((_, place) => place).sort((one, other) => Number(exact[other] % whole - (exact[one] % whole)) || one - other);
  const more = total - parts.reduce((all, part) => all + part, 0);
  for (const place of order.slice(0, more)) parts[place] += 1;
  return parts;
}

function taxesOf(lines, figures, cartOff) {
  const shares = spread(cartOff, figures.map(({ net }) => net));
  const byRate = new Map();
  lines.forEach(({ tax_bp: rate }, place) => byRate.set(rate, (byRate.get(rate) ?? 0) + figures[place].net - shares[place]));
  return [...byRate].filter(([rate]) => rate).sort(([one], [other]) => one - other)
    .map(([rate, net]) => ({ rate, tax: halfUp(BigInt(net) * BigInt(rate), BigInt(ALL + rate)) }));
}
