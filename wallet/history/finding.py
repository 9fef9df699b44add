"""The statement, searched: a page of the entries that are wanted, the months that they fall into, and all of them.

A page costs the same however much somebody has paid in their life: the ledger is followed along its index from the
newest number down, and a search for words looks at `LOOKED_AT_ONCE` entries and then says how far it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from itertools import groupby

from shared.db.store import Store
from shared.db.unit import Reader
from shared.ledger import chart, extracts
from shared.ledger.extracts import END, Sums
from shared.web import months
from shared.web.months import Month
from wallet.history import queries
from wallet.history.queries import Entry
from wallet.history.wanted import Wanted

LOOKED_AT_ONCE = 2_000
_STEP = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was wanted, newest first. `following` is the number to ask before next, None at the end;
    `is_cut` when that is not because the page is full, but because enough was looked at.
    """

    entries: list[Entry]
    following: int | None
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class InMonth:
    """The entries of a page that fall into one month; `sums` of the whole month, None where words are looked for."""

    month: Month
    entries: list[Entry]
    sums: Sums | None


def found(
    reader: Reader, *, viewer_id: str, wanted: Wanted, zone: tzinfo, before: int | None = None, limit: int = 20
) -> Found:
    """A page of the entries that somebody wants to see."""
    first, end = _stretch(reader, wanted, zone)
    entries: list[Entry] = []
    position, looked_at = min(before or END, end), 0
    while looked_at < LOOKED_AT_ONCE:
        step = _STEP if wanted.words else limit + 1
        rows = extracts.picked(
            reader,
            code=chart.user_account(viewer_id),
            pick=wanted.pick,
            first_seq=first,
            before_seq=position,
            limit=step,
        )
        for entry in queries.entries(reader, viewer_id=viewer_id, rows=rows):
            if wanted.fits(entry.texts):
                if len(entries) == limit:
                    return Found(entries, entries[-1].seq)
                entries.append(entry)
        if len(rows) < step:
            return Found(entries, None)
        position, looked_at = rows[-1].seq, looked_at + len(rows)
    return Found(entries, position, is_cut=True)


def by_month(
    reader: Reader, *, viewer_id: str, wanted: Wanted, zone: tzinfo, entries: Iterable[Entry]
) -> list[InMonth]:
    """A page's entries month by month, each month with what came in and went out in all of it."""
    return [
        InMonth(month, list(group), None if wanted.words else _sums(reader, viewer_id, wanted, month))
        for month, group in groupby(entries, key=lambda entry: months.month_of(entry.at, zone))
    ]


def everything(store: Store, *, viewer_id: str, wanted: Wanted, zone: tzinfo) -> Iterator[Entry]:
    """All wanted entries, newest first, read page by page: as long as it takes, and never much at once."""
    before: int | None = None
    while True:
        page = store.read(found, viewer_id=viewer_id, wanted=wanted, zone=zone, before=before, limit=_STEP)
        yield from page.entries
        if page.following is None:
            return
        before = page.following


def _stretch(reader: Reader, wanted: Wanted, zone: tzinfo) -> tuple[int, int]:
    """The numbers to look between: those of the wanted month, or all."""
    if not wanted.month:
        return 0, END
    month = months.month_named(wanted.month, zone)
    return extracts.seq_at(reader, at_ms=month.start), extracts.seq_at(reader, at_ms=month.end)


def _sums(reader: Reader, viewer_id: str, wanted: Wanted, month: Month) -> Sums:
    return extracts.sums(
        reader,
        code=chart.user_account(viewer_id),
        pick=wanted.pick,
        first_seq=extracts.seq_at(reader, at_ms=month.start),
        before_seq=extracts.seq_at(reader, at_ms=month.end),
    )
