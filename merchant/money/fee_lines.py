"""How each fee of a batch comes about, line by line: the exact share, the fixed part, the rounding. Pure.

`shared.settlement.fees` decides the fees; this only takes them apart again, so that a shop can follow every unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.settlement.batches import Line
from shared.settlement.fees import WHOLE, Rate


@dataclass(frozen=True, slots=True)
class Explained:
    """One sale's fee, in minor units: `share` + `fixed_minor` + `rounding` = `fee_minor`, where it is not capped.

    `is_capped`: the fee would have eaten the sale, so the sale pays itself and no more.
    """

    line: Line
    share: Decimal
    fixed_minor: int
    rounding: Decimal
    is_capped: bool

    @property
    def fee_minor(self) -> int:
        """What was charged."""
        return self.line.fee_minor


@dataclass(frozen=True, slots=True)
class Whole:
    """A batch's fee as a sum, of all its sales: `share` + `fixed_minor` + `rounding` - `spared` = `fee_minor`."""

    share: Decimal
    fixed_minor: int
    rounding: Decimal
    spared: Decimal
    fee_minor: int


def explained(line: Line, rate: Rate) -> Explained:
    """A sale's fee, taken apart."""
    share = Decimal(line.amount_minor * rate.basis_points) / WHOLE
    due = share + rate.fixed_minor
    if due >= line.amount_minor:
        return Explained(line, share, rate.fixed_minor, Decimal(0), True)
    return Explained(line, share, rate.fixed_minor, line.fee_minor - due, False)


def whole(lines: Sequence[Line], rate: Rate) -> Whole:
    """What the fees of these sales add up from."""
    parts = [explained(line, rate) for line in lines if line.kind == "sale"]
    share = sum((part.share for part in parts), Decimal(0))
    spared = sum((part.share + part.fixed_minor - part.fee_minor for part in parts if part.is_capped), Decimal(0))
    rounding = sum((part.rounding for part in parts), Decimal(0))
    return Whole(share, rate.fixed_minor * len(parts), rounding, spared, sum(part.fee_minor for part in parts))
