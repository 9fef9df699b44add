"""Opening a shift, cash in and out of its drawer, and closing it with what was counted."""

from __future__ import annotations

from sqlalchemy import insert

from merchant.shifts import queries
from merchant.shifts.models import Shift as ShiftRow
from merchant.shifts.queries import Shift
from shared import ids
from shared.db.unit import UnitOfWork
from shared.errors import BadInput, Conflict

LARGEST = 10**12


class ShiftOpen(Conflict):
    """A shift is open at this terminal already."""

    code = "shift_open"


def begin(
    uow: UnitOfWork, *, shop_id: str, terminal_id: str, member_id: str | None, float_minor: int = 0
) -> Shift:
    """Open a shift at a terminal, with so much cash in its drawer."""
    if not 0 <= float_minor <= LARGEST:
        raise BadInput(field="float_minor")
    if queries.open_at(uow, terminal_id=terminal_id) is not None:
        raise ShiftOpen()
    uow.execute(
        insert(ShiftRow).values(
            id=ids.new_id("shf", uow.now),
            shop_id=shop_id,
            terminal_id=terminal_id,
            opened_by=member_id,
            opened_at=uow.now,
            float_minor=float_minor,
        )
    )
    found = queries.open_at(uow, terminal_id=terminal_id)
    assert found is not None, "it was opened just now"
    return found
