"""Measuring: how fast something goes when so many callers do it at once, and how long each of them waits."""

from __future__ import annotations

import gc
import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

Act = Callable[[random.Random], object]
"""One thing to do, whose choices come from the caller's own random numbers."""


@dataclass(frozen=True)
class Measure:
    """A rate per second, and where single waits were timed their median and 99th percentile in milliseconds."""

    rate: float
    p50_ms: float | None = None
    p99_ms: float | None = None


@contextmanager
def undisturbed() -> Iterator[None]:
    """Begin with no garbage and no unwritten pages of the one before: whoever is measured pays for their own."""
    gc.collect()
    if hasattr(os, "sync"):
        os.sync()
    yield


def of_waits(waits_s: Sequence[float], seconds: float, *, each: int = 1) -> Measure:
    """The measure of so many single waits in so much time; each did `each` things."""
    ordered = sorted(waits_s)
    if not ordered:
        raise ValueError("nothing was done in the time")
    p50, p99 = (ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000 for share in (0.5, 0.99))
    return Measure(len(ordered) * each / seconds, p50, p99)


def together(act: Act, *, threads: int, seconds: float, seed: int = 0, each: int = 1) -> Measure:
    """Let so many threads do something over and over, each waiting for its own to be done."""
    waits: list[list[float]] = [[] for _ in range(threads)]
    troubles: list[BaseException] = []
    is_over = threading.Event()

    def work(number: int) -> None:
        numbers, mine = random.Random(seed * 1000 + number), waits[number]
        try:
            while not is_over.is_set():
                begun = time.perf_counter()
                act(numbers)
                mine.append(time.perf_counter() - begun)
        except BaseException as error:
            troubles.append(error)
            is_over.set()

    with undisturbed():
        crew = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
        begun = time.perf_counter()
        for thread in crew:
            thread.start()
        is_over.wait(seconds)
        is_over.set()
        for thread in crew:
            thread.join()
        took = time.perf_counter() - begun
    if troubles:
        raise troubles[0]
    return of_waits([wait for each_one in waits for wait in each_one], took, each=each)


def all_of(tasks: Sequence[object], act: Callable[[object], object], *, threads: int) -> Measure:
    """Let so many threads do each of the tasks once."""
    waiting = iter(tasks)
    guard = threading.Lock()

    def next_one(_: random.Random) -> None:
        with guard:
            task = next(waiting)
        act(task)

    return _until_empty(next_one, threads)


def _until_empty(act: Act, threads: int) -> Measure:
    waits: list[float] = []
    troubles: list[BaseException] = []

    def work() -> None:
        try:
            while True:
                begun = time.perf_counter()
                act(_NO_CHOICE)
                waits.append(time.perf_counter() - begun)
        except StopIteration:
            return
        except BaseException as error:
            troubles.append(error)

    with undisturbed():
        crew = [threading.Thread(target=work) for _ in range(threads)]
        begun = time.perf_counter()
        for thread in crew:
            thread.start()
        for thread in crew:
            thread.join()
        took = time.perf_counter() - begun
    if troubles:
        raise troubles[0]
    return of_waits(waits, took)


_NO_CHOICE = random.Random(0)


def alone(act: Callable[[], object], *, seconds: float) -> Measure:
    """Do something over and over on this thread."""
    waits = []
    with undisturbed():
        begun = now = time.perf_counter()
        while now - begun < seconds:
            act()
            then, now = now, time.perf_counter()
            waits.append(now - then)
    return of_waits(waits, now - begun)
