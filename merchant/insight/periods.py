"""The stretch of time that the charts show, cut into hours or days, and the earlier stretch it is compared with.

Pure: a period is made of the moment and the reader's zone. Today is compared with the same day last week, seven and
thirty days with as many days before them; each only as far as the clock has got, so that a morning is held against a
morning.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from shared.web import months

HOUR_MS, SLOT_MS = 3_600_000, 900_000
"""A slot is a quarter of an hour: days and hours of every zone there is begin with one."""
TODAY, WEEK, MONTH = "today", "week", "month"
DAYS = {TODAY: 1, WEEK: 7, MONTH: 30}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole bins in order (ms): bin n is from `edges[n]` up to `edges[n + 1]`. `until` is where comparing ends."""

    edges: Sequence[int]
    until: int

    @property
    def start(self) -> int:
        """Where the first bin begins."""
        return self.edges[0]

    @property
    def end(self) -> int:
        """Where the last bin ends."""
        return self.edges[-1]

    def bin_of(self, at_ms: int) -> int:
        """The number of the bin in which a moment of this stretch lies."""
        return bisect_right(self.edges, at_ms) - 1


@dataclass(frozen=True, slots=True)
class Period:
    """What is looked at: `name` is `today`, `week` or `month`; `earlier` is what it is compared with."""

    name: str
    shown: Stretch
    earlier: Stretch
    zone: tzinfo

    @property
    def is_one_day(self) -> bool:
        """Whether its bins are hours; days otherwise."""
        return self.name == TODAY


def period(name: str, *, now: int, zone: tzinfo) -> Period:
    """The period of this name (`today` for every other text) at a moment (ms), in the reader's zone."""
    name = name if name in DAYS else TODAY
    today = months.day_of(now, zone)
    if name == TODAY:
        shown = _hours(months.day_starts(today, 1, zone))
        earlier = _hours(months.day_starts(today - timedelta(days=7), 1, zone))
    else:
        count = DAYS[name]
        first = today - timedelta(days=count - 1)
        shown = months.day_starts(first, count, zone)
        earlier = months.day_starts(first - timedelta(days=count), count, zone)
    gone = now - (shown[0] if name == TODAY else shown[-2])
    reached = (earlier[0] if name == TODAY else earlier[-2]) + gone
    return Period(name, Stretch(shown, now + 1), Stretch(earlier, min(reached, earlier[-1]) + 1), zone)


def opening(busy: Sequence[int], count: int) -> tuple[int, int]:
    """The hours of a day that are drawn: from 8 to 20, and more where something was sold earlier or later."""
    return min([8, *busy]), min(count, max([20, *busy]) + 1)


def _hours(day: Sequence[int]) -> list[int]:
    """A day's hours as edges; 23 or 25 of them where the clocks change."""
    start, end = day
    return [*range(start, end, HOUR_MS), end]
