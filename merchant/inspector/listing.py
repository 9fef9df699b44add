"""The live page's list: calls, what the journal tells, and callbacks, merged by time; a page at a time, or what is new.

Each of the three has a row of numbers of its own, and a place in the list is one number of each: nothing is shown
twice and nothing is left out, whatever times the clock showed.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from merchant.inspector import callbacks, calls, changes, entries, payments
from merchant.inspector.changes import Changes
from merchant.inspector.entries import Entry
from shared.db import outbox
from shared.db.unit import Reader
from shared.errors import BadInput

PAGE, NEWS = 50, 200
LOOKED_BACK = 20_000
"""Events of everybody that one page looks through for this shop's."""
WHICH = ("", "bad")
_PLACE = re.compile(r"(\d{1,18})\.(\d{1,18})\.(\d{1,18})")


class Place(NamedTuple):
    """A place in the list: the number of a call, of an event, and of a delivery."""

    call: int
    event: int
    delivery: int

    def __str__(self) -> str:
        return f"{self.call}.{self.event}.{self.delivery}"


END = Place(10**18 - 1, 10**18 - 1, 10**18 - 1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to: a kind, a text, what went wrong (`bad`), one payment; all empty: everything."""

    kind: str = ""
    text: str = ""
    which: str = ""
    payment: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The parameters that ask for the same again."""
        named = {"kind": self.kind, "q": self.text, "which": self.which, "payment": self.payment}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, newest first. `older` is where the next page begins, None at the end; `newest` where news begin."""

    entries: Sequence[Entry]
    older: Place | None
    newest: Place


class _Found(NamedTuple):
    """A row of one source with its number there; `made` makes its entries, in the order in which they came about."""

    at: int
    source: int
    number: int
    made: Callable[[], list[Entry]]


def place_of(text: str | None) -> Place | None:
    """The place in a query; `bad_input` for anything else."""
    if not text:
        return None
    found = _PLACE.fullmatch(text)
    if not found:
        raise BadInput(field="place")
    return Place(*map(int, found.groups()))


def newest(reader: Reader, *, shop_id: str) -> Place:
    """The place before anything that has yet to happen."""
    return Place(calls.last_seq(reader), outbox.last_seq(reader), callbacks.last_number(reader, shop_id=shop_id))


def older(reader: Reader, *, shop_id: str, wanted: Wanted, before: Place | None) -> Page:
    """A page of what happened before a place, or of the newest."""
    start, head = before or END, newest(reader, shop_id=shop_id)
    floor = max(0, min(start.event, head.event + 1) - LOOKED_BACK)
    clauses = ("seq < :place", "seq < :place AND seq >= :floor", "number < :place")
    found = _read(reader, shop_id, wanted, clauses, start, "DESC", PAGE + 1, floor=floor)
    taken = []
    for row in heapq.merge(*found, key=lambda row: row.at, reverse=True):
        taken.append(row)
        if len(taken) > PAGE:
            break
    shown = taken[:PAGE]
    ends = [min((row.number for row in shown if row.source == source), default=start[source]) for source in range(3)]
    if len(taken) <= PAGE and floor > 0:
        ends[1] = min(ends[1], floor)
    has_more = len(taken) > PAGE or floor > 0
    return Page(_entries(shown, wanted), Place(*ends) if has_more else None, head)


def newer(reader: Reader, *, shop_id: str, wanted: Wanted, after: Place) -> Page:
    """What has happened since a place; of very much, the first part."""
    head = newest(reader, shop_id=shop_id)
    clauses = ("seq > :place", "seq > :place AND seq >= :floor", "number > :place")
    found = _read(reader, shop_id, wanted, clauses, after, "ASC", NEWS, floor=0)
    ends = [rows[-1].number if len(rows) == NEWS else head[source] for source, rows in enumerate(found)]
    return Page(_entries([row for rows in found for row in rows], wanted), None, Place(*ends))


def _read(
    reader: Reader, shop_id: str, wanted: Wanted, clauses: tuple[str, str, str], place: Place, order: str, limit: int,
    *, floor: int,
) -> list[list[_Found]]:  # fmt: skip
    """The rows of the three sources that a page may need, each in its own order."""
    values: dict[str, Any] = {"order": order, "limit": limit, "shop_id": shop_id} | _values(wanted)
    kind = wanted.kind
    own: list[list[_Found]] = [[], [], []]
    if kind in ("", "call"):
        where = " AND ".join([clauses[0], *_narrow(wanted, _CALLS, _OF_PAYMENT, "status >= 400")])
        for call in calls.select(reader, where=where, place=place.call, **values):
            own[0].append(_Found(call.at, 0, call.seq, lambda call=call: [calls.entry(call)]))  # type: ignore[misc]
    if kind in ("", *changes.OF_KIND):
        own[1] = _changes(reader, wanted, clauses[1], place.event, floor, values)
    if kind in ("", "callback"):
        bad = "(state IN ('failed', 'dropped') OR state = 'pending' AND attempts > 0)"
        where = " AND ".join([clauses[2], *_narrow(wanted, _DELIVERIES, "subject = :payment", bad)])
        sent = callbacks.select(reader, where=where, place=place.delivery, **values)
        made = callbacks.rows(reader, sent)
        own[2] = [
            _Found(row.created_at, 2, row.number, lambda one=one: [one])  # type: ignore[misc]
            for row, one in zip(sent, made, strict=True)
        ]
    return own


def _changes(
    reader: Reader, wanted: Wanted, clause: str, place: int, floor: int, values: dict[str, Any]
) -> list[_Found]:
    names = changes.OF_KIND.get(wanted.kind, changes.NAMES)
    names = names & entries.SADLY if wanted.which == "bad" else names
    where = " AND ".join([clause, "name IN :names", *_narrow(wanted, _EVENTS, "seq IN :told", "1 = 1")])
    if wanted.payment:
        told = payments.traces(reader, id=wanted.payment, shop_id=values["shop_id"]).events
        values = values | {"told": [event.seq for event in told]}
    found = changes.select(reader, where=where, place=place, floor=floor, names=sorted(names), **values)
    maker = Changes(reader, found)
    return [
        _Found(event.created_at, 1, event.seq, lambda event=event: maker.entries(event))  # type: ignore[misc]
        for event in found
    ]


_OF_PAYMENT = "(intent_id = :payment OR subject = (SELECT jti FROM payments_intent WHERE id = :payment))"
_OF_SOMEBODY = "CASE WHEN shop_id = '' AND subject = '' THEN '' ELSE {} END"
"""What nobody is shown of a call that is nobody's, nobody can search for either."""
_CALLS = (
    "path", _OF_SOMEBODY.format("asked"), "answered", "request_id", _OF_SOMEBODY.format("intent_id"), "method",
)  # fmt: skip
_EVENTS = ("name", """replace(replace(body, '": ', '":'), '":', '": ')""", "id")
"""A body is searched as pages show it: with a space between a name and its value, however it was written."""
_DELIVERIES = ("url", "event_type", "subject", "payload", "id")


def _narrow(wanted: Wanted, columns: Sequence[str], of_payment: str, bad: str) -> list[str]:
    """What a source's rows must be, as SQL: values come by name."""
    clauses = []
    if wanted.text:
        clauses.append("(" + " OR ".join(f"lower({name}) LIKE :text ESCAPE '!'" for name in columns) + ")")
    if wanted.payment:
        clauses.append(of_payment)
    if wanted.which == "bad":
        clauses.append(bad)
    return clauses


def _values(wanted: Wanted) -> dict[str, Any]:
    plain = wanted.text.lower().replace("!", "!!").replace("_", "!_").replace("%", "!%")
    text = {"text": f"%{plain}%"} if wanted.text else {}
    return text | ({"payment": wanted.payment} if wanted.payment else {})


def _entries(found: Sequence[_Found], wanted: Wanted) -> list[Entry]:
    made = [entry for row in found for entry in row.made()]
    return entries.newest_first(entry for entry in made if wanted.kind in ("", entry.kind))
