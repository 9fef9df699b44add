"""Named points at which a test may make the world go wrong. In normal life each is one dictionary look-up.

A test in the same process sets a callable; a test of a real service sets `SAOMA_FAULTS`, for example
`store.committed=exit@3` (the third time that a commit is durable, die before anybody is answered); `kill@3` does it
by SIGKILL, which leaves a process no last word.
"""

from __future__ import annotations

import os
import signal
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
    """Install the faults that `SAOMA_FAULTS` describes: comma-separated `point=exit@N` or `point=kill@N`."""
    for part in filter(None, text.split(",")):
        name, _, what = part.partition("=")
        action, _, nth = what.partition("@")
        if action not in _ENDS:
            raise ValueError(f"unknown fault {what!r}: only exit@N and kill@N are known")
        set_fault(name.strip(), _at(int(nth or 1), _ENDS[action]))


_ENDS: dict[str, Callable[[], None]] = {
    "exit": lambda: os._exit(70),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
}


def _at(nth: int, end: Callable[[], None]) -> Callable[[], None]:
    lock, seen = threading.Lock(), 0

    def strike() -> None:
        nonlocal seen
        with lock:
            seen += 1
            if seen == nth:
                end()

    return strike
