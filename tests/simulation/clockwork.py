"""Virtual time: what is due, in order; lives that sleep and wait in it; the one source of chance; the trace.

Every life is a greenlet, so the real clients, which wait where they stand, can be used as they are. One runs at a time,
and which one is next depends on the seed alone.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from greenlet import getcurrent, greenlet

from shared import clock

START_MS = 1_900_000_000_000


class Clockwork:
    """The time of one seed, in milliseconds, and everything that happens in it."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.now_ms = START_MS
        self.trace: list[str] = []
        self._due: list[tuple[int, int, Callable[[], object]]] = []
        self._numbers = itertools.count()
        self._hub = getcurrent()

    def later(self, delay_ms: int, work: Callable[[], object]) -> None:
        """Do something after a delay; what is due at the same time is done in the order in which it was asked for."""
        heapq.heappush(self._due, (self.now_ms + delay_ms, next(self._numbers), work))

    def live(self, life: Callable[[], object]) -> None:
        """Begin a life: it may sleep and wait."""
        self.later(0, greenlet(life).switch)

    def sleep(self, seconds: float) -> None:
        """Let a life sleep."""
        self.later(round(seconds * 1000), getcurrent().switch)
        self._hub.switch()

    def run(self) -> None:
        """Go on until nothing is due any more."""
        while self._due:
            self.now_ms, _, work = heapq.heappop(self._due)
            work()

    def note(self, who: str, what: str) -> None:
        """Write a line of the trace. It holds no id and no key: those differ from run to run."""
        self.trace.append(f"{(self.now_ms - START_MS) / 1000:12.3f} {who}: {what}")

    @contextmanager
    def ruling(self) -> Iterator[None]:
        """Everybody's machine clock, the services' and the phones', shows this time."""
        real = clock.system_now
        clock.system_now = lambda: self.now_ms
        try:
            yield
        finally:
            clock.system_now = real


class Answer:
    """What a life waits for; the first that is given counts."""

    def __init__(self, clockwork: Clockwork) -> None:
        self._hub = clockwork._hub
        self._life = getcurrent()
        self._is_given = False

    def give(self, value: Any) -> None:
        """Wake the life that waits, unless it was woken before."""
        if not self._is_given:
            self._is_given = True
            self._life.switch(value)

    def wait(self) -> Any:
        """Sleep until it is given."""
        return self._hub.switch()
