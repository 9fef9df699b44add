"""Payments whose outcome nobody knows yet: the signed order is kept, and its intent is `unknown` until a set time.

What is kept was judged when it came in. When its time comes it is executed as of then, or dropped; the audit asks this
table when an order was taken in that was executed later.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from shared.db.many import insert_into
from shared.db.unit import Reader, UnitOfWork
from shared.payments.models import UndecidedRow


class Kept(NamedTuple):
    """An order that waits: whose intent, by which outcome and at what time (ms) it ends."""

    order_id: str
    intent_id: str
    frame: bytes
    presented: bytes | None
    outcome: str
    accepted_at: int
    due_at: int
    resolved_at: int | None = None


_COLUMNS = ", ".join(Kept._fields)
_INSERT = insert_into(UndecidedRow.__table__, Kept._fields)


def keep(uow: UnitOfWork, kept: Kept) -> None:
    """Store an order that waits."""
    uow.sql.run_many(_INSERT, [kept])


def find(reader: Reader, *, order_id: str) -> Kept | None:
    """An order that waits or has waited."""
    rows = reader.sql.rows(f"SELECT {_COLUMNS} FROM payments_undecided WHERE order_id = :id", id=order_id)
    return _kept(rows[0]) if rows else None


def due(reader: Reader, *, limit: int) -> list[Kept]:
    """Those whose time has come, in its order."""
    rows = reader.sql.rows(
        f"SELECT {_COLUMNS} FROM payments_undecided WHERE resolved_at IS NULL AND due_at <= :now"
        " ORDER BY due_at, order_id LIMIT :limit",
        now=reader.now,
        limit=limit,
    )
    return [_kept(row) for row in rows]


def resolve(uow: UnitOfWork, *, order_id: str) -> None:
    """Write down that an order waits no more."""
    uow.sql.run("UPDATE payments_undecided SET resolved_at = :now WHERE order_id = :id", id=order_id, now=uow.now)


def taken_in(reader: Reader, *, order_ids: Iterable[str]) -> dict[str, tuple[int, int | None]]:
    """When those of the orders that had to wait were taken in, and when their waiting ended (ms), by order id."""
    rows = reader.sql.rows(
        "SELECT order_id, accepted_at, resolved_at FROM payments_undecided WHERE order_id IN :ids",
        ids=sorted(set(order_ids)),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _kept(row: tuple) -> Kept:  # type: ignore[type-arg]
    return Kept(row[0], row[1], bytes(row[2]), row[3] and bytes(row[3]), *row[4:])
