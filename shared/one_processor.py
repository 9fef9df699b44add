"""One processor for a process whose threads share one interpreter.

Python runs one of its threads at a time. Waking the next one on another processor costs more than waking it where the
last one has just gone to sleep, and the system, which knows nothing of the interpreter, spreads them all the same. So a
process says itself where it stays. What that gains stands in docs/performance.md.

Only Linux lets a process say so; elsewhere nothing here does anything.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_RATES = "/sys/devices/system/cpu/cpu{}/cpufreq/cpuinfo_max_freq"
_FAST = 0.8
"""A processor is fast that has this share of the fastest one's rate: some machines have slow ones beside the others."""

_ALL = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set[int]()
"""Those that the process may use as it starts."""

COUNT = len(_ALL) or os.cpu_count() or 1
"""How many there are."""


def stay(turn: int) -> None:
    """Keep this thread, and what it starts from now on, on one of the fast processors that it may use.

    Processes that ask by numbers in a row get different ones, as long as there are.
    """
    if _ALL:
        fast = sorted(_fast(_ALL))
        _use({fast[turn % len(fast)]})


@contextmanager
def staying(turn: int) -> Iterator[None]:
    """`stay` for the length of a block."""
    with _kept():
        stay(turn)
        yield


def roam() -> None:
    """Let this thread, and what it starts from now on, use all of them: for work that needs no interpreter."""
    _use(_ALL)


@contextmanager
def free() -> Iterator[None]:
    """`roam` for the length of a block: to start a process that is to stay nowhere."""
    with _kept():
        roam()
        yield


@contextmanager
def _kept() -> Iterator[None]:
    before = os.sched_getaffinity(0) if _ALL else set()
    try:
        yield
    finally:
        _use(before)


def _use(processors: Collection[int]) -> None:
    if processors:
        with suppress(OSError):  # not ours to choose: a container may forbid it, or have lost those processors since
            os.sched_setaffinity(0, processors)


def _fast(processors: Collection[int]) -> Collection[int]:
    try:
        rates = {each: int(Path(_RATES.format(each)).read_text(encoding="ascii")) for each in processors}
    except (OSError, ValueError):
        return processors  # the system tells no rates: they are alike, as in most virtual machines
    return [each for each, rate in rates.items() if rate >= _FAST * max(rates.values())]
