"""The console's lists: shops and people with what they own, found by name or handle, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.db.unit import Reader
from shared.ledger import chart

PAGE = 20
_FIRST_IDS = {"shop": "shp_", "user": "usr_"}
_CONDITIONS = {
    "": "",
    "unverified": " AND p.verified_at IS NULL",
    "frozen": " AND p.frozen_at IS NOT NULL",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A shop or a person in a list: what they may spend or be paid out (minor units), and how they stand."""

    id: str
    handle: str
    display_name: str
    verified_at: int | None
    frozen_at: int | None
    self_frozen_at: int | None
    created_at: int
    balance_minor: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list; `older` is where the next one begins, None on the last."""

    rows: Sequence[Listed]
    older: str | None


def listed(reader: Reader, *, kind: str, search: str = "", only: str = "", before: str = "") -> Page:
    """The shops (`kind` is `shop`) or people whose name or handle has `search` in it; `only` unverified or frozen."""
    rows = reader.sql.rows(
        "SELECT p.id, p.handle, p.display_name, p.verified_at, p.frozen_at, p.self_frozen_at, p.created_at,"
        " coalesce(a.credits_posted - a.debits_posted - a.debits_pending, 0) FROM identity_party AS p"
        " LEFT JOIN ledger_account AS a ON a.code = :prefix || p.id"
        " WHERE p.kind = :kind AND p.id < :before AND (:search = '' OR p.handle LIKE :like ESCAPE '!'"
        f" OR lower(p.display_name) LIKE :like ESCAPE '!'){_CONDITIONS.get(only, '')} ORDER BY p.id DESC LIMIT :limit",
        kind=kind,
        prefix=chart.account_of(kind, ""),
        before=before or _FIRST_IDS[kind] + "z" * 26,
        search=search,
        like=_like(search),
        limit=PAGE + 1,
    )
    found = [Listed(*row) for row in rows]
    return Page(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)


def counts(reader: Reader) -> dict[str, int]:
    """How many there are: `shop`, `user`; `unverified` shops, `frozen` of both."""
    [(shops, users, unverified, frozen)] = reader.sql.rows(
        "SELECT sum(CASE WHEN kind = 'shop' THEN 1 ELSE 0 END), sum(CASE WHEN kind = 'user' THEN 1 ELSE 0 END),"
        " sum(CASE WHEN kind = 'shop' AND verified_at IS NULL THEN 1 ELSE 0 END),"
        " sum(CASE WHEN frozen_at IS NOT NULL THEN 1 ELSE 0 END) FROM identity_party"
    )
    return {"shop": shops or 0, "user": users or 0, "unverified": unverified or 0, "frozen": frozen or 0}


def _like(search: str) -> str:
    plain = search.casefold()
    for char in "!%_":
        plain = plain.replace(char, "!" + char)
    return f"%{plain}%"
