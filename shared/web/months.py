"""Months and days in the reader's own zone: a statement's headings, a chart's axes, and where each begins and ends.

The zone comes from a cookie that the page's script sets; whoever has none, or one that nobody knows, reads UTC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.errors import BadInput

COOKIE = "saoma_zone"
_NAME = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])\Z", re.ASCII)
_ZONE = re.compile(r"[A-Za-z0-9+_-]{1,32}(?:/[A-Za-z0-9+_-]{1,32}){0,2}\Z", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1970, 2999


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a year, with where it begins and ends in a zone (ms, the end excluded)."""

    year: int
    month: int
    start: int
    end: int

    @property
    def name(self) -> str:
        """`2026-11`: how an address names it."""
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def middle(self) -> int:
        """A moment that lies in this month in every zone (ms)."""
        return (self.start + self.end) // 2


@lru_cache(maxsize=64)
def zone_named(name: str) -> tzinfo:
    """The zone of an IANA name such as `Asia/Shanghai`; UTC for everything else."""
    try:
        return ZoneInfo(name) if _ZONE.match(name) else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def readers_zone(cookies: Mapping[str, str]) -> tzinfo:
    """The reader's own zone, as far as their browser has told it."""
    return zone_named(unquote(cookies.get(COOKIE, "")))


def day_of(at_ms: int, zone: tzinfo) -> date:
    """The day on which a moment lies."""
    return datetime.fromtimestamp(at_ms / 1000, zone).date()


def day_starts(first: date, count: int, zone: tzinfo) -> list[int]:
    """When each of `count` days from `first` on begins, and when the last one ends (ms): `count` + 1 moments."""
    days = [first + timedelta(days=number) for number in range(count + 1)]
    return [round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000) for day in days]


def month_of(at_ms: int, zone: tzinfo) -> Month:
    """The month in which a moment lies."""
    moment = datetime.fromtimestamp(at_ms / 1000, zone)
    return _month(moment.year, moment.month, zone)


def month_named(name: str, zone: tzinfo) -> Month:
    """The month of a name such as `2026-11`; `bad_input` for another text or a year that cannot be meant."""
    found = _NAME.match(name)
    if not found or not FIRST_YEAR <= int(found.group(1)) <= LAST_YEAR:
        raise BadInput(field="month")
    return _month(int(found.group(1)), int(found.group(2)), zone)


def newest(now: int, since: int, zone: tzinfo, limit: int = 36) -> list[Month]:
    """The months from the one of `now` back to the one of `since` (ms), newest first, at most `limit`."""
    found = [month_of(now, zone)]
    while found[-1].start > since and len(found) < limit:
        found.append(month_of(found[-1].start - 1, zone))
    return found


def _month(year: int, month: int, zone: tzinfo) -> Month:
    following = (year + 1, 1) if month == 12 else (year, month + 1)
    return Month(year, month, _start(year, month, zone), _start(*following, zone))


def _start(year: int, month: int, zone: tzinfo) -> int:
    return round(datetime(year, month, 1, tzinfo=zone).timestamp() * 1000)
