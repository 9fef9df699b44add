"""Shifts as they stand: the one that is open at a terminal, those that are closed."""

from __future__ import annotations

from dataclasses import dataclass

from merchant.terminals import queries as terminals
from shared.db.unit import Reader
from shared.errors import Conflict, NotFound

_COLUMNS = (
    "id, shop_id, terminal_id, opened_by, opened_at, float_minor, closed_by, closed_at, counted_minor, number, report"
)


class ShiftClosed(Conflict):
    """No shift is open at this terminal: it charges nothing until somebody opens one."""

    code = "shift_closed"


class UnknownShift(NotFound):
    """The shop has no such shift."""

    code = "unknown_shift"


@dataclass(frozen=True, slots=True)
class Shift:
    """The time between opening a drawer and counting it. Times in ms; `number` and below: once it is closed."""

    id: str
    shop_id: str
    terminal_id: str
    opened_by: str | None
    opened_at: int
    float_minor: int
    closed_by: str | None
    closed_at: int | None
    counted_minor: int | None
    number: int | None
    report: str | None


def open_at(reader: Reader, *, terminal_id: str) -> Shift | None:
    """The shift that is open at a terminal, or None."""
    rows = reader.sql.rows(
        f"SELECT {_COLUMNS} FROM shifts_shift WHERE terminal_id = :terminal AND closed_at IS NULL", terminal=terminal_id
    )
    return Shift(*rows[0]) if rows else None


def on_duty(reader: Reader, *, terminal_id: str, shop_id: str) -> Shift:
    """The open shift of a terminal that may charge; `terminal_revoked` or `shift_closed` otherwise.

    Asked inside the action that charges: both may have changed since the page was made.
    """
    terminals.at_shop(reader, id=terminal_id, shop_id=shop_id).check()
    found = open_at(reader, terminal_id=terminal_id)
    if found is None:
        raise ShiftClosed()
    return found


def of_shop(reader: Reader, *, id: str, shop_id: str) -> Shift:
    """One shift of this shop; another shop's does not exist for it (`unknown_shift`)."""
    rows = reader.sql.rows(
        f"SELECT {_COLUMNS} FROM shifts_shift WHERE id = :id AND shop_id = :shop", id=id, shop=shop_id
    )
    if not rows:
        raise UnknownShift()
    return Shift(*rows[0])


def closed_of_shop(reader: Reader, *, shop_id: str, before: int | None, limit: int) -> list[Shift]:
    """A shop's closed shifts, newest first; those whose report's number is below `before` when given."""
    rows = reader.sql.rows(
        f"SELECT {_COLUMNS} FROM shifts_shift WHERE shop_id = :shop AND number IS NOT NULL AND number < :before"
        " ORDER BY number DESC LIMIT :limit",
        shop=shop_id,
        before=before if before is not None else 2**62,
        limit=limit,
    )
    return [Shift(*row) for row in rows]
