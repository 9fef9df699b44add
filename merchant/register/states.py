"""How a sale stands, told from the payment intents of its parts; and how a total is split. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from shared.errors import BadInput
from shared.payments.states import FINAL, IntentState

FEWEST_PARTS, MOST_PARTS = 2, 20


class BadSplit(BadInput):
    """The parts of a sale are two to twenty, none is empty, and they add up to its total."""

    code = "bad_split"


class SaleState(StrEnum):
    """Where a sale stands. What is refunded later never changes it."""

    OPEN = "open"
    """Something of it can still be paid."""
    PAID = "paid"
    PART_PAID = "part_paid"
    """Some parts were paid, and the shop gave the rest up."""
    UNPAID = "unpaid"
    """Nothing was paid and no code is left to pay; a new code opens it again."""


def stands(parts: Iterable[IntentState | None], *, is_stopped: bool = False) -> SaleState:
    """The state of a sale from those of its parts' newest intents, None for a part that has none yet."""
    found = list(parts)
    if any(state is not None and state not in FINAL for state in found):
        return SaleState.OPEN
    paid = found.count(IntentState.CAPTURED)
    if not paid:
        return SaleState.UNPAID
    if paid == len(found):
        return SaleState.PAID
    return SaleState.PART_PAID if is_stopped else SaleState.OPEN


def checked_parts(parts: Sequence[int], total_minor: int) -> list[int]:
    """Typed parts, when they make up the total; a single part is no split."""
    is_many = FEWEST_PARTS <= len(parts) <= MOST_PARTS
    if not is_many or any(type(part) is not int or part < 1 for part in parts) or sum(parts) != total_minor:
        raise BadSplit()
    return list(parts)
