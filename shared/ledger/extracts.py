"""Extracts of an account: those of its transfers that somebody looks for, newest first, and sums over a stretch.

Everything goes along the two indexes (account, seq), so a page costs the same however long the ledger is. Times are
not indexed; but numbers and times grow together, so the place of a moment is found by halving (`seq_at`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.db.unit import Reader
from shared.ledger.transfers import COLUMNS, Transfer

END = 2**62
"""Beyond every number."""


@dataclass(frozen=True, slots=True)
class Pick:
    """What to look for. Amounts are minor units, both ends included.

    `side` is `in` (posted to the account), `out` (posted from it) or empty for everything, holds included. `other` is
    the beginning of the other account's code, such as `shop:`.
    """

    side: str = ""
    other: str = ""
    kinds: tuple[str, ...] = ()
    least_minor: int = 0
    most_minor: int = END


@dataclass(frozen=True, slots=True)
class Sums:
    """What was posted to an account and from it, in minor units."""

    in_minor: int
    out_minor: int


def picked(
    reader: Reader, *, code: str, pick: Pick, first_seq: int = 0, before_seq: int = END, limit: int = 50
) -> list[Transfer]:
    """An account's transfers that fit, newest first, from number `first_seq` on and before `before_seq`."""
    halves = [
        f"SELECT {COLUMNS} FROM (SELECT * FROM ledger_transfer WHERE {_condition(mine, theirs, pick)}"
        f" ORDER BY seq DESC LIMIT :limit) AS {mine}s"
        for mine, theirs in _sides(pick)
    ]
    params = _params(code, pick, first_seq, before_seq)
    rows = reader.sql.rows(" UNION ALL ".join(halves) + " ORDER BY seq DESC LIMIT :limit", limit=limit, **params)
    return [Transfer._make(row) for row in rows]


def sums(reader: Reader, *, code: str, pick: Pick, first_seq: int = 0, before_seq: int = END) -> Sums:
    """What came in and went out by the posted transfers that fit, numbered `first_seq` to `before_seq` - 1."""
    found = {"credit": 0, "debit": 0}
    for mine, theirs in _sides(pick):
        [(total,)] = reader.sql.rows(
            f"SELECT coalesce(sum(amount_minor), 0) FROM ledger_transfer WHERE {_condition(mine, theirs, pick)}"
            " AND phase = 'posted'",
            **_params(code, pick, first_seq, before_seq),
        )
        found[mine] = int(total)
    return Sums(found["credit"], found["debit"])


def seq_at(reader: Reader, *, at_ms: int) -> int:
    """The number of the first transfer made at `at_ms` or later; one beyond the last when there is none."""
    [(last,)] = reader.sql.rows("SELECT coalesce(max(seq), 0) FROM ledger_transfer")
    low, high = 1, int(last) + 1
    while low < high:
        middle = (low + high) // 2
        rows = reader.sql.rows("SELECT created_at FROM ledger_transfer WHERE seq = :seq", seq=middle)
        if rows and rows[0][0] < at_ms:
            low = middle + 1
        else:
            high = middle
    return low


def _sides(pick: Pick) -> list[tuple[str, str]]:
    sides = {"in": [("credit", "debit")], "out": [("debit", "credit")]}
    return sides.get(pick.side, [("credit", "debit"), ("debit", "credit")])


def _condition(mine: str, theirs: str, pick: Pick) -> str:
    parts = [f"{mine}_account = :code", "seq >= :first", "seq < :before"]
    if pick.side:
        parts.append("phase = 'posted'")
    if pick.other:
        parts.append(f"substr({theirs}_account, 1, :other_length) = :other")
    if pick.kinds:
        parts.append("kind IN :kinds")
    if pick.least_minor > 0 or pick.most_minor < END:
        parts.append("amount_minor BETWEEN :least AND :most")
    return " AND ".join(parts)


def _params(code: str, pick: Pick, first_seq: int, before_seq: int) -> dict[str, Any]:
    params: dict[str, Any] = {"code": code, "first": first_seq, "before": before_seq}
    if pick.other:
        params |= {"other": pick.other, "other_length": len(pick.other)}
    if pick.kinds:
        params["kinds"] = list(pick.kinds)
    if pick.least_minor > 0 or pick.most_minor < END:
        params |= {"least": pick.least_minor, "most": pick.most_minor}
    return params


def first_of(reader: Reader, *, code: str) -> Transfer | None:
    """The account's first transfer; None before there is any."""
    rows = reader.sql.rows(
        f"SELECT {COLUMNS} FROM ledger_transfer WHERE seq IN ((SELECT min(seq) FROM ledger_transfer"
        " WHERE debit_account = :code), (SELECT min(seq) FROM ledger_transfer WHERE credit_account = :code))"
        " ORDER BY seq LIMIT 1",
        code=code,
    )
    return Transfer._make(rows[0]) if rows else None
