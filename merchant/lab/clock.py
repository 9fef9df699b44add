"""Moving the clock, and with it everything that waits for a time.

The clock stops at each cut-off and each of the bank's hours on its way, so that every batch and every payout gets the
time that it would have had. Whatever has become due is done before the caller is answered: a test can look at once.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from merchant import sweeper
from shared.config import Config
from shared.db import time
from shared.db.store import Store
from shared.db.time import Clock
from shared.db.unit import Reader
from shared.errors import BadInput, DomainError
from shared.ledger.checkpoints import BrokenChain
from shared.payments import sealing
from shared.settlement import actions as settlement
from shared.settlement import calendar, files, payouts
from shared.settlement.batches import Batch

FARTHEST_MS = 366 * calendar.DAY_MS
LAST_MS = 50 * FARTHEST_MS
"""Farther than this the clock never runs ahead."""
_turn = threading.Lock()
"""One journey at a time: two callers who both want an hour get two."""


class ClockGoesForward(BadInput):
    """A time that is over: the ledger lies in the order of its times, so the clock never goes back."""

    code = "clock_goes_forward"


class ClockTooFar(BadInput):
    """More than a year at once, or more than fifty in all."""

    code = "clock_too_far"


@dataclass(slots=True)
class Journey:
    """Where the clock stands after a move, the batches that were made on the way, and those whose payout arrived."""

    clock: Clock
    settled: list[Batch] = field(default_factory=list)
    paid_out: list[Batch] = field(default_factory=list)


def advance(store: Store, *, config: Config, secret: bytes, by_ms: int | None = None, to: int | None = None) -> Journey:
    """Move the clock by `by_ms`, or to the moment `to` (ms); everything that is due by then has happened after it."""
    with _turn:
        start = store.read(time.read)
        target = to if to is not None else start.now + (by_ms or 0)
        if target < start.now:
            raise ClockGoesForward()
        if target - start.now > FARTHEST_MS or start.offset_ms + target - start.now > LAST_MS:
            raise ClockTooFar()
        journey = Journey(start)
        for at, is_cutoff in calendar.between(start.now, target):
            _arrive(store, journey, store.run(time.move_to, at=at), secret)
            if is_cutoff:
                journey.settled += settlement.settle(store, cutoff_at=at, secret=secret).batches
            else:
                journey.paid_out += _book(store, store.read(_in_transit, before=at), secret)
        ahead_ms = start.offset_ms + target - start.now
        end = store.run(time.move_ahead, offset_ms=ahead_ms) if to is None else store.run(time.move_to, at=target)
        _arrive(store, journey, end, secret)
        if journey.settled:
            _file(store, config, secret)
    return journey


def _arrive(store: Store, journey: Journey, clock: Clock, secret: bytes) -> None:
    """Do what has become due with the clock where it is now."""
    journey.clock = clock
    sweeper.sweep_all(store, secret=secret)


def _book(store: Store, batch_ids: Sequence[str], secret: bytes) -> list[Batch]:
    """The bank says of these payouts that they arrived; one that is refused keeps no other back."""
    booked = []
    for batch_id in batch_ids:
        with suppress(DomainError):
            booked.append(store.run(payouts.mark_paid, batch_id=batch_id, secret=secret))
    return booked


def _in_transit(reader: Reader, *, before: int) -> list[str]:
    return [
        row[0]
        for row in reader.sql.rows(
            "SELECT id FROM settlement_batch WHERE state = 'in_transit' AND cutoff_at < :before ORDER BY id",
            before=before,
        )
    ]


def _file(store: Store, config: Config, secret: bytes) -> None:
    """The files of the new batches, and their transfers sealed, as after every settlement."""
    with suppress(OSError):  # written by the next cut-off, and by `run.py settle`
        files.write_missing(store, config.data_dir / files.FOLDER)
    with suppress(BrokenChain):  # which the audit names; what was settled stands
        sealing.seal_due(store, config=config, secret=secret)
