"""Named points at which a test may make the world go wrong. In normal life each is one dictionary look-up.

A test in the same process sets a callable; a test of a real service sets `SAOMA_FAULTS`, for example
`store.committed=exit@3` (the third time that a commit is durable, die before anybody is answered).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

POINTS = ("store.before_commit", "store.committed")
"""Every point there is; `set_fault` refuses others: a misspelt one would pass for a test that found nothing."""

_handlers: dict[str, Callable[[], None]] = {}


def point(name: str) -> None:
    """Called by the code at a place where a fault may be wanted."""
    handler = _handlers.get(name)
    if handler:
        handler()


def set_fault(name: str, handler: Callable[[], None] | None) -> None:
    """Install what happens at a point, or remove it with None."""
    if name not in POINTS:
        raise ValueError(f"no fault point {name!r}; there are {', '.join(POINTS)}")
    if handler:
        _handlers[name] = handler
    else:
        _handlers.pop(name, None)


def load(text: str) -> None:
    """Install the faults that `SAOMA_FAULTS` describes: comma-separated `point=exit@N`."""
    for part in filter(None, text.split(",")):
        name, _, what = part.partition("=")
        action, _, nth = what.partition("@")
        if action != "exit":
            raise ValueError(f"unknown fault {what!r}: only exit@N is known")
        set_fault(name.strip(), _exit_at(int(nth or 1)))


def _exit_at(nth: int) -> Callable[[], None]:
    lock, seen = threading.Lock(), 0

    def strike() -> None:
        nonlocal seen
        with lock:
            seen += 1
            if seen == nth:
                os._exit(70)

    return strike
