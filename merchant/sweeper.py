"""The sweeper: once a second it makes payment intents whose time is over visibly expired, and notices how sales ended.

Nothing depends on it being on time: every payment judges the deadline itself. It only makes pages tell the truth
without being asked.
"""

from __future__ import annotations

import logging
import threading

from merchant.register import actions as register
from shared.db import once
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.disputes import deadlines as disputes
from shared.payments import intents, staging

EVERY_S = 1.0
_log = logging.getLogger("saoma")


def start(store: Store, *, secret: bytes) -> threading.Event:
    """Sweep in a thread that ends with the process; setting the event that is returned ends it earlier.

    `secret` unlocks the operator's key, which pays where a shop lets a dispute's time go by.
    """
    stop = threading.Event()
    threading.Thread(target=_sweep_until, args=(store, stop, secret), name="sweeper", daemon=True).start()
    return stop


def sweep(store: Store) -> int:
    """Expire what is due; how many. Asks before it writes, so that an idle till leaves the database alone."""
    return store.run(_sweep) if store.read(_has_due) else 0


def sweep_all(store: Store, *, secret: bytes) -> None:
    """Everything that the clock has decided: what is due of the sales, and of the disputes."""
    sweep(store)
    disputes.follow_due(store, secret=secret)


def _sweep(uow: UnitOfWork) -> int:
    expired = intents.expire_due(uow)
    staging.resolve_due(uow)
    register.settle_due(uow)
    once.forget_old(uow)
    return expired


def _has_due(reader: Reader) -> bool:
    return intents.has_due(reader) or staging.has_due(reader) or register.has_due(reader) or once.has_old(reader)


def _sweep_until(store: Store, stop: threading.Event, secret: bytes) -> None:
    is_failing = False
    while not stop.wait(EVERY_S):
        try:
            sweep_all(store, secret=secret)
            is_failing = False
        except Exception:  # the thread must outlive any trouble of the database
            if not is_failing:
                _log.exception("the sweeper cannot expire payment intents; it keeps trying")
            is_failing = True
