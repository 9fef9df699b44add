"""The test clock: Saoma's time is the machine's clock plus an offset in the database's head, and this moves the offset.

Only forward: rows of the ledger lie in the order of their times. Every process reads the offset with the head, so the
next unit of work and the next reader anywhere see the new time.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared import events
from shared.db.unit import Reader, UnitOfWork


@dataclass(frozen=True, slots=True)
class Clock:
    """Saoma's time `now` (ms), and how far it is ahead of the machine's clock (ms)."""

    now: int
    offset_ms: int


def read(reader: Reader) -> Clock:
    """The clock as it stands."""
    [(offset_ms,)] = reader.sql.rows("SELECT clock_offset_ms FROM db_head WHERE id = 1")
    return Clock(reader.now, int(offset_ms))


def move_to(uow: UnitOfWork, *, at: int) -> Clock:
    """Make it `at` (ms), unless it is later already."""
    before = read(uow)
    return _moved(uow, before, before.offset_ms + at - before.now)


def move_ahead(uow: UnitOfWork, *, offset_ms: int) -> Clock:
    """Go `offset_ms` ahead of the machine's clock, unless it is farther already."""
    return _moved(uow, read(uow), offset_ms)


def _moved(uow: UnitOfWork, before: Clock, offset_ms: int) -> Clock:
    """The clock with its new offset, of which everybody who listens hears.

    What the same batch does after this still counts as done before it.
    """
    by_ms = offset_ms - before.offset_ms
    if by_ms <= 0:
        return before
    uow.sql.run("UPDATE db_head SET clock_offset_ms = :offset WHERE id = 1", offset=offset_ms)
    uow.emit("clock.advanced", [events.EVERYBODY], offset_ms=offset_ms, by_ms=by_ms)
    return Clock(before.now + by_ms, offset_ms)
