"""How fast a key may ask: a bucket of tokens each, filled at a steady rate; whoever finds it empty waits a moment.

Kept in this process's memory: several processes allow so much each.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass

from shared.errors import DomainError

BURST_S = 2
"""An unused bucket holds what comes in so many seconds."""


class RateLimited(DomainError):
    """The key has asked too often: again after `retry_after_s`."""

    code = "rate_limited"
    status = 429


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key may ask at once, how often it still may, and when its bucket is full again (s)."""

    limit: int
    left: int
    full_in_s: int

    @property
    def headers(self) -> dict[str, str]:
        """As programs are told."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.full_in_s),
        }


class Limiter:
    """`rate` requests a second for each key, with a burst of twice that; 0 lets everybody through."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._burst = rate * BURST_S
        self._guard = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> tuple[bool, Allowance | None]:
        """Take a token of this key's bucket: whether there was one, and how it stands now."""
        if not self._rate:
            return True, None
        with self._guard:
            now = time.monotonic()
            tokens, then = self._buckets.get(key, (float(self._burst), now))
            tokens = min(float(self._burst), tokens + (now - then) * self._rate)
            may = tokens >= 1
            if may:
                tokens -= 1
            self._buckets[key] = (tokens, now)
        return may, Allowance(self._burst, int(tokens), math.ceil((self._burst - tokens) / self._rate))
