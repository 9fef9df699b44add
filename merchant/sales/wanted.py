"""What somebody looks for among a shop's sales: words, amounts (`>20`), a state, a day, whose sale it was. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from shared.errors import BadInput
from shared.ids import is_id
from shared.money import Currency
from shared.web.typed import Typed, typed

LONGEST_TEXT = 80
WHICH = ("", "open", "paid", "held", "refunded", "ended")
"""The states that can be asked for, by the name in the address."""
_NOTHING = Typed()
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search as it was typed and chosen; `said` is the text taken apart. `day` begins and ends in `zone`."""

    text: str = ""
    which: str = ""
    day: str = ""
    member: str = ""
    said: Typed = _NOTHING
    start: int = 0
    end: int = 2**62

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not (self.text or self.which or self.day or self.member)

    @property
    def query(self) -> dict[str, str]:
        """What the address of this search says."""
        asked = {"q": self.text, "which": self.which, "day": self.day, "member": self.member}
        return {name: value for name, value in asked.items() if value}


def wanted(*, text: str, which: str, day: str, member: str, unit: Currency, zone: tzinfo) -> Wanted:
    """The search that somebody typed and chose; `bad_input` for a state, a day or a member that can be none."""
    if which not in WHICH:
        raise BadInput(field="which")
    if len(text) > LONGEST_TEXT or "\0" in text:
        raise BadInput(field="q")
    if member and not is_id(member, member.partition("_")[0]):
        raise BadInput(field="member")
    start, end = _stretch(day, zone) if day else (0, 2**62)
    return Wanted(text.strip(), which, day, member, typed(text, unit), start, end)


def _stretch(name: str, zone: tzinfo) -> tuple[int, int]:
    """Where a day begins and ends (ms, the end excluded)."""
    try:
        day = date.fromisoformat(name) if _DAY.match(name) else None
    except ValueError:
        day = None
    if day is None or not 1970 < day.year < 3000:
        raise BadInput(field="day")
    return _start(day, zone), _start(day + timedelta(days=1), zone)


def _start(day: date, zone: tzinfo) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)
