"""Pages of lists, alike in all of /v1: `?limit=&starting_after=&ending_before=`, the newest first.

A cursor is the id of a thing in the very list that is asked for; another list's, or another shop's, is `bad_cursor`.
`starting_after` goes on in the list's own order, `ending_before` comes back; what changed meanwhile moves no page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import request

from merchant.api.description import Query, integer, text
from shared import clock, ids
from shared.db.unit import Reader
from shared.errors import BadInput

Item = TypeVar("Item")
USUAL, MOST = 25, 100
LONGEST_VALUE = 200
QUERY = (
    Query("limit", integer(1, MOST), f"How many at most; {USUAL} unless given."),
    Query("starting_after", text(60), "The id after which the page begins."),
    Query("ending_before", text(60), "The id before which the page ends."),
)
REFUSES = ("bad_cursor", "bad_input")


class BadCursor(BadInput):
    """A cursor that names nothing in this list: of another list, of another shop, or of no list at all."""

    code = "bad_cursor"


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for: at most `limit`, after or before a cursor, and what it is filtered by."""

    limit: int = USUAL
    after: str | None = None
    before: str | None = None
    filters: dict[str, str] = field(default_factory=dict)

    @property
    def cursor(self) -> str | None:
        """The id that the page hangs on."""
        return self.after or self.before

    def cut(self, found: Sequence[Item]) -> tuple[list[Item], bool]:
        """What is on the page, of the up to `limit` + 1 that were found from the cursor on; whether there are more."""
        shown = list(found[: self.limit])
        return shown[::-1] if self.before else shown, len(found) > self.limit

    def moment(self, name: str) -> int | None:
        """A filter that is a time (ms): RFC 3339 with a zone; None where it is not given."""
        given = self.filters.get(name)
        try:
            return None if given is None else clock.parse_rfc3339(given)
        except (ValueError, OverflowError):
            raise BadInput(field=name) from None


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where a list's rows lie. `scope` says which of `table` are the caller's: only those may be cursors.

    `order` is the column that they stand in order of, with their ids; `oldest_first` turns it round.
    """

    table: str
    prefix: str
    columns: str
    scope: str
    order: str = "created_at"
    oldest_first: bool = False


def asked(*filters: str, usual: int = USUAL, also: Sequence[str] = ()) -> Page:
    """The page that this request asks for. Only `filters` may stand beside the cursors, and the names in `also`, which
    are somebody else's to read; each at most once.
    """
    given = once_each("limit", "starting_after", "ending_before", *filters, also=also)
    after, before = given.pop("starting_after", None), given.pop("ending_before", None)
    if after is not None and before is not None:
        raise BadInput(field="ending_before")
    limit = given.pop("limit", None)
    if limit is not None and not (limit.isascii() and limit.isdigit() and len(limit) < 4 and 1 <= int(limit) <= MOST):
        raise BadInput(field="limit")
    if "" in (after, before):
        raise BadCursor()
    return Page(usual if limit is None else int(limit), after, before, given)


def once_each(*names: str, also: Sequence[str] = ()) -> dict[str, str]:
    """The query's values, where nothing is asked but these names, each at most once; `bad_input` names what is."""
    given = {}
    for name, values in request.args.lists():
        if name in also:
            continue
        if name not in names or len(values) != 1 or len(values[0]) > LONGEST_VALUE:
            raise BadInput(field=name[:40])
        given[name] = values[0]
    return given


def rows(reader: Reader, page: Page, shelf: Shelf, where: str = "", **values: Any) -> list[tuple[Any, ...]]:
    """The rows of a page, one more than its limit where there are more. `where` filters; `values` are both its and the
    scope's.
    """
    clauses, order = [shelf.scope, *([where] if where else [])], shelf.order
    if page.cursor is not None:
        clauses.append(f"({order}, id) {'<' if _goes_down(page, shelf) else '>'} (:cursor_at, :cursor)")
        values |= {"cursor": page.cursor, "cursor_at": _place(reader, page.cursor, shelf, **values)}
    way = "DESC" if _goes_down(page, shelf) else "ASC"
    return reader.sql.rows(
        f"SELECT {shelf.columns} FROM {shelf.table} WHERE {' AND '.join(clauses)}"
        f" ORDER BY {order} {way}, id {way} LIMIT :most",
        **values,
        most=page.limit + 1,
    )


def answer(page: Page, found: Sequence[Item], as_json: Callable[[Item], Any]) -> dict[str, Any]:
    """The page as the API tells it, of what `rows` found."""
    shown, has_more = page.cut(found)
    return {"object": "list", "data": [as_json(item) for item in shown], "has_more": has_more, "url": request.path}


def part_of(page: Page, everything: Sequence[Item], name: Callable[[Item], str]) -> list[Item]:
    """What `rows` would find in a list that is in memory, in its order."""
    if page.cursor is None:
        return list(everything[: page.limit + 1])
    names = [name(item) for item in everything]
    if page.cursor not in names:
        raise BadCursor()
    place = names.index(page.cursor)
    if page.before:
        return list(everything[max(0, place - page.limit - 1) : place])[::-1]
    return list(everything[place + 1 : place + page.limit + 2])


def _goes_down(page: Page, shelf: Shelf) -> bool:
    return bool(page.before) == shelf.oldest_first


def _place(reader: Reader, cursor: str, shelf: Shelf, **values: Any) -> Any:
    """Where the cursor stands in the list's order."""
    found = reader.sql.rows(
        f"SELECT {shelf.order} FROM {shelf.table} WHERE id = :cursor AND {shelf.scope}",
        **values | {"cursor": cursor if ids.is_id(cursor, shelf.prefix) else ""},
    )
    if not found:
        raise BadCursor()
    return found[0][0]
