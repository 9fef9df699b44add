"""What a cart comes to: lines with options, money off, the tax inside the prices, the tip. Pure: integers only.

Every figure is exact and every sum is kept: what is taken off a cart is spread over its lines without losing a minor
unit, and the taxes of the lines add up to the tax of their rate. `register-pricing.js` counts the same way, so that the
till shows what it will charge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared import money
from shared.errors import BadInput

ALL = 10_000
"""Basis points of a whole: 100 %."""
MOST_OF_ONE = 999


class DiscountTooLarge(BadInput):
    """A discount takes off more than there is."""

    code = "discount_too_large"


class TipTooLarge(BadInput):
    """A tip is larger than what it is given for."""

    code = "tip_too_large"


class NothingToCharge(BadInput):
    """The cart comes to nothing, or to more than one payment carries."""

    code = "nothing_to_charge"


@dataclass(frozen=True, slots=True)
class Share:
    """A share of an amount: `basis_points` of it (0 to 10,000), or a fixed `amount_minor`; never both."""

    basis_points: int = 0
    amount_minor: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.basis_points <= ALL or self.amount_minor < 0 or (self.basis_points and self.amount_minor):
            raise BadInput(field="share")

    def of(self, whole_minor: int) -> int:
        """The share in minor units, half a unit rounded up. A fixed one may be larger than the whole: see who asks."""
        return self.amount_minor or _half_up(whole_minor * self.basis_points, ALL)


NOTHING = Share()


@dataclass(frozen=True, slots=True)
class Line:
    """So many of one thing: `unit_minor` with its options, tax of `tax_bp` basis points included."""

    unit_minor: int
    quantity: int = 1
    tax_bp: int = 0
    discount: Share = NOTHING


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line's figures: gross − off − share = net; `share_minor` is its part of the cart's discount."""

    gross_minor: int
    off_minor: int
    share_minor: int
    tax_minor: int

    @property
    def net_minor(self) -> int:
        """What the customer pays for the line, tax included."""
        return self.gross_minor - self.off_minor - self.share_minor


@dataclass(frozen=True, slots=True)
class TaxSum:
    """The tax inside what was sold at one rate: `net_minor` with it, `tax_minor` of it."""

    tax_bp: int
    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Priced:
    """A cart's figures: goods − discount + tip = total; `discount_minor` is that of the lines and of the cart."""

    lines: tuple[PricedLine, ...]
    taxes: tuple[TaxSum, ...]
    goods_minor: int
    discount_minor: int
    tip_minor: int

    @property
    def total_minor(self) -> int:
        """What is charged."""
        return self.goods_minor - self.discount_minor + self.tip_minor

    @property
    def tax_minor(self) -> int:
        """The tax inside it."""
        return sum(tax.tax_minor for tax in self.taxes)


def priced(lines: Sequence[Line], *, discount: Share = NOTHING, tip: Share = NOTHING) -> Priced:
    """The figures of a cart; `discount_too_large`, `tip_too_large` or `nothing_to_charge` when they make no sale."""
    gross = [line.unit_minor * line.quantity for line in lines]
    off = [_at_most(line.discount.of(whole), whole) for line, whole in zip(lines, gross, strict=True)]
    own = [whole - less for whole, less in zip(gross, off, strict=True)]
    cart_off = _at_most(discount.of(sum(own)), sum(own))
    shares = spread(cart_off, own)
    net = [left - share for left, share in zip(own, shares, strict=True)]
    tip_minor = tip.of(sum(net))
    if tip_minor > sum(net):
        raise TipTooLarge()
    if not 1 <= sum(net) + tip_minor <= money.MAX_MINOR:
        raise NothingToCharge()
    taxes, by_line = _taxes([line.tax_bp for line in lines], net)
    figures = map(PricedLine, gross, off, shares, by_line)
    return Priced(tuple(figures), taxes, sum(gross), sum(off) + cart_off, tip_minor)


def spread(total_minor: int, weights: Sequence[int]) -> list[int]:
    """`total_minor` in parts as the weights are to each other, sum kept: the largest remainders get what is left over.

    No part is larger than its weight as long as the total is not larger than all of them.
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [total_minor * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: -(total_minor * weights[place] % whole))
    for place in by_remainder[: total_minor - sum(parts)]:
        parts[place] += 1
    return parts


def _taxes(rates: Sequence[int], net: Sequence[int]) -> tuple[tuple[TaxSum, ...], list[int]]:
    """The tax of each rate, lowest rate first, and that of each line."""
    sums, by_line = [], [0] * len(net)
    for rate in sorted(set(rates)):
        places = [place for place, found in enumerate(rates) if found == rate]
        whole = sum(net[place] for place in places)
        tax = _half_up(whole * rate, ALL + rate)
        sums.append(TaxSum(rate, whole, tax))
        for place, part in zip(places, spread(tax, [net[place] for place in places]), strict=True):
            by_line[place] = part
    return tuple(sums), by_line


def _at_most(off_minor: int, whole_minor: int) -> int:
    if off_minor > whole_minor:
        raise DiscountTooLarge()
    return off_minor


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
