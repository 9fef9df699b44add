"""Time: whole milliseconds since 1970-01-01 UTC, in every `_at` of the project.

An integer sorts, compares and stores the same in Python, SQLite and PostgreSQL. Only the outermost layer turns it into
RFC 3339 text or into a person's local time. Inside an action the time is `uow.now` and nothing else.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime


def system_now() -> int:
    """The machine's clock, in milliseconds."""
    return time.time_ns() // 1_000_000


def rfc3339(at_ms: int) -> str:
    """`2026-11-21T10:09:00.123Z`."""
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at_ms % 1000:03d}Z"


def parse_rfc3339(text: str) -> int:
    """Milliseconds of an RFC 3339 / ISO 8601 time; a time without a zone is taken as UTC; ValueError otherwise."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
