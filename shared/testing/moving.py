"""The test clock in a test's hands: one clock for codes, holds, settlement and webhooks. It only goes forward."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any


class TestClock:
    """Saoma's clock. `ask` calls the API; `after` is told each time that the clock was moved."""

    __test__ = False  # no test case, whatever pytest thinks of its name

    def __init__(self, ask: Callable[..., dict[str, Any]], after: Callable[[], None]) -> None:
        self._ask = ask
        self._after = after

    def read(self) -> dict[str, Any]:
        """What `GET /v1/test_clock` says."""
        return self._ask("GET", "/v1/test_clock")

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> dict[str, Any]:
        """Move on by so much. What falls due on the way has happened when this returns; webhooks are on their way."""
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return self._move({"by_s": round(span.total_seconds())})

    def advance_to(self, at: str) -> dict[str, Any]:
        """Move on to a moment, in RFC 3339, such as an intent's `expires_at`."""
        return self._move({"to": at})

    def _move(self, where: dict[str, Any]) -> dict[str, Any]:
        told = self._ask("POST", "/v1/test_clock/advance", where)
        self._after()
        return told
