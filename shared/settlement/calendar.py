"""The house's day, in UTC: when shops are settled, and when the bank books what they were paid.

Nothing runs at these times by itself; whoever moves the test clock over them has them kept.
"""

from __future__ import annotations

from collections.abc import Iterator

DAY_MS = 86_400_000
CUTOFF_MS = 22 * 3_600_000
"""Shops are settled at 22:00."""
ARRIVAL_MS = 10 * 3_600_000
"""Payouts of earlier days reach the bank at 10:00."""


def next_cutoff(now: int) -> int:
    """The first cut-off after a moment (ms)."""
    return _next(now, CUTOFF_MS)


def next_arrival(now: int) -> int:
    """When the bank books next after a moment (ms)."""
    return _next(now, ARRIVAL_MS)


def between(after: int, until: int) -> Iterator[tuple[int, bool]]:
    """The cut-offs and the bank's bookings after one moment and up to another, in order; whether each is a cut-off."""
    at = after
    while True:
        cutoff, arrival = next_cutoff(at), next_arrival(at)
        at = min(cutoff, arrival)
        if at > until:
            return
        yield at, at == cutoff


def _next(now: int, time_of_day: int) -> int:
    today = now - now % DAY_MS + time_of_day
    return today if today > now else today + DAY_MS
