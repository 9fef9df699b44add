"""What a shop pays for its sales: exact integers, rounded once for the whole batch, and shared out to the last unit.

Pure arithmetic, apart from the tables, so that it can be tried with any numbers. Rounding each sale by itself would
drift with their number; so the batch is rounded, and the sales share the rounded sum by their largest remainders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WHOLE = 10_000
"""Basis points in one whole."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A merchant discount rate: hundredths of a percent of each sale, and so many minor units for each sale."""

    basis_points: int = 0
    fixed_minor: int = 0


FREE = Rate()
"""What a shop without a rate pays."""


def line_fees(amounts_minor: Sequence[int], rate: Rate) -> list[int]:
    """The fee of each sale, in minor units, in the order of the sales' amounts; their sum is the batch's fee.

    The sum is the half-even rounding of the proportional part of all sales, plus the fixed part of each. No fee is a
    whole unit away from its exact value, and none is more than its sale: a sale that its fee would eat costs itself.
    """
    fees: list[int] = []
    remainders: list[tuple[int, int]] = []
    whole, rest = 0, 0
    for position, amount in enumerate(amounts_minor):
        share, remainder = divmod(amount * rate.basis_points, WHOLE)
        if amount * rate.basis_points + rate.fixed_minor * WHOLE >= amount * WHOLE:
            fees.append(amount)
            continue
        fees.append(share + rate.fixed_minor)
        remainders.append((-remainder, position))
        whole, rest = whole + share, rest + remainder
    missing = half_even(whole * WHOLE + rest, WHOLE) - whole
    for _, position in sorted(remainders)[:missing]:
        fees[position] += 1
    return fees


def half_even(numerator: int, denominator: int) -> int:
    """The integer nearest to a fraction (not negative), the even one when two are equally near."""
    whole, rest = divmod(numerator, denominator)
    return whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1))


def collectable(*, fee_minor: int, owed_minor: int, net_minor: int) -> int:
    """How much of a batch's fee, and of what earlier batches still owe, can be taken as the batch is closed.

    All of it where the net is not negative. Where it is, the fee is taken as far as the batch's own money reaches; what
    is missing is part of the negative net, which the next batch brings.
    """
    return max(0, fee_minor + owed_minor + min(0, net_minor))
