"""The log as its page shows it: entries with names, newest first, of one person or one kind where that is asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from merchant.staff import members
from merchant.terminals import queries as terminals
from shared.db.unit import Reader
from shared.errors import NotFound
from shared.ids import is_id

PAGE = 40


class UnknownEntry(NotFound):
    """The shop's log has no such entry."""

    code = "unknown_entry"


@dataclass(frozen=True, slots=True)
class Done:
    """One entry: what was done to what, by whom and where (both empty for a program), when (ms)."""

    id: str
    what: str
    subject: str
    details: Mapping[str, str | int]
    by: str
    terminal: str
    at: int


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first; `older` is where the next page begins, None on the last one. `nouns`: what there is."""

    entries: Sequence[Done]
    older: str | None
    nouns: Sequence[str]


def page_of_shop(reader: Reader, *, shop_id: str, member_id: str = "", noun: str = "", before: str = "") -> Page:
    """A page of a shop's log, of one member or of one noun (`sale`) when given, those before entry `before`."""
    last = _place(reader, shop_id, before) if before else (2**62, "")
    rows = reader.sql.rows(
        "SELECT id, what, subject, details, member_id, terminal_id, created_at FROM activity_entry"
        " WHERE shop_id = :shop AND (created_at < :at OR created_at = :at AND id < :id)"
        " AND (:member = '' OR member_id = :member) AND (:noun = '' OR what LIKE :start ESCAPE '!')"
        " ORDER BY created_at DESC, id DESC LIMIT :limit",
        shop=shop_id,
        at=last[0],
        id=last[1],
        member=member_id,
        noun=noun,
        start=noun.replace("!", "!!").replace("_", "!_").replace("%", "!%") + ".%",
        limit=PAGE + 1,
    )
    people = members.names_of(reader, ids=[row[4] for row in rows if row[4]])
    tills = {terminal.id: terminal.name for terminal in terminals.of_shop(reader, shop_id=shop_id)}
    entries = [
        Done(id, what, subject, json.loads(details), people.get(member, ""), tills.get(terminal, ""), at)
        for id, what, subject, details, member, terminal, at in rows[:PAGE]
    ]
    return Page(entries, entries[-1].id if len(rows) > PAGE else None, nouns_of(reader, shop_id=shop_id))


def nouns_of(reader: Reader, *, shop_id: str) -> list[str]:
    """What a shop's log tells of: `item`, `sale`, `shift` …"""
    rows = reader.sql.rows("SELECT DISTINCT what FROM activity_entry WHERE shop_id = :shop", shop=shop_id)
    return sorted({what.partition(".")[0] for (what,) in rows})


def _place(reader: Reader, shop_id: str, id: str) -> tuple[int, str]:
    rows = (
        reader.sql.rows(
            "SELECT created_at, id FROM activity_entry WHERE id = :id AND shop_id = :shop", id=id, shop=shop_id
        )
        if is_id(id, "act")
        else []
    )
    if not rows:
        raise UnknownEntry()
    return rows[0][0], rows[0][1]
