"""Shifts as they stand: the one that is open at a terminal, those that are closed."""

from __future__ import annotations

from dataclasses import dataclass

from merchant.terminals import queries as terminals
from shared.db.unit import Reader
from shared.errors import Conflict, NotFound

_COLUMNS = (
    "id, shop_id, terminal_id, opened_by, opened_at, float_minor, since_seq,"
    " closed_by, closed_at, counted_minor, until_seq, number, report"
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
    since_seq: int
    closed_by: str | None
    closed_at: int | None
    counted_minor: int | None
    until_seq: int | None
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


def open_of_shop(reader: Reader, *, shop_id: str) -> list[Shift]:
    """The shifts that are open at a shop's terminals, the oldest first."""
    rows = reader.sql.rows(
        f"SELECT {_COLUMNS} FROM shifts_shift WHERE shop_id = :shop AND closed_at IS NULL ORDER BY opened_at, id",
        shop=shop_id,
    )
    return [Shift(*row) for row in rows]


def counted_until(reader: Reader, *, terminal_id: str) -> int:
    """The last transfer that a closed shift of this terminal has counted; for its first shift, the newest there is."""
    rows = reader.sql.rows("SELECT max(until_seq) FROM shifts_shift WHERE terminal_id = :id", id=terminal_id)
    return int(rows[0][0]) if rows[0][0] is not None else last_transfer(reader)


def last_transfer(reader: Reader) -> int:
    """The number of the ledger's newest transfer."""
    return int(reader.sql.rows("SELECT coalesce(max(seq), 0) FROM ledger_transfer")[0][0])


def last_number(reader: Reader, *, shop_id: str) -> int:
    """The number of a shop's newest Z report; 0 before the first."""
    rows = reader.sql.rows("SELECT coalesce(max(number), 0) FROM shifts_shift WHERE shop_id = :shop", shop=shop_id)
    return int(rows[0][0])


@dataclass(frozen=True, slots=True)
class Move:
    """Cash into a drawer (more than 0) or out of it: why, by whom, when (ms)."""

    amount_minor: int
    reason: str
    by: str
    at: int


def cash_moves(reader: Reader, *, shift_id: str) -> list[Move]:
    """What was put into a shift's drawer and taken out of it, in order."""
    rows = reader.sql.rows(
        "SELECT c.amount_minor, c.reason, m.name, c.created_at FROM shifts_cash AS c"
        " JOIN staff_member AS m ON m.id = c.member_id WHERE c.shift_id = :shift ORDER BY c.created_at, c.id",
        shift=shift_id,
    )
    return [Move(*row) for row in rows]
