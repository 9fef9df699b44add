"""Transfers as values: what can be asked for, what was posted, and reading it back. posting.py writes them.

A transfer has a phase. `posted` moves money; `pending` holds it, until a later row that points back by `pending_id`
ends the hold: `posted` (all of it or less, the rest is released), `voided`, or `expired`. No row ever changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from shared.db.unit import Reader
from shared.errors import NotFound


class Phase(StrEnum):
    """What a row does with its amount."""

    POSTED = "posted"
    PENDING = "pending"
    VOIDED = "voided"
    EXPIRED = "expired"


class NoSuchTransfer(NotFound):
    """There is no transfer with this id."""

    code = "no_such_transfer"


class NewTransfer(NamedTuple):
    """A transfer to be posted. `id` is the caller's and makes the posting repeatable; amounts are minor units.

    `pending_id` names the hold that it ends; `expires_at` (ms) is a hold's own end; transfers of one `group_id` are
    posted together or not at all.
    """

    id: str
    debit_account: str
    credit_account: str
    amount_minor: int
    currency: str
    kind: str
    reference: str = ""
    phase: str = Phase.POSTED.value
    pending_id: str | None = None
    group_id: str | None = None
    expires_at: int | None = None


class Transfer(NamedTuple):
    """A transfer in the ledger: `seq` is its place, `created_at` its time in milliseconds."""

    id: str
    debit_account: str
    credit_account: str
    amount_minor: int
    currency: str
    kind: str
    reference: str
    phase: str
    pending_id: str | None
    group_id: str | None
    expires_at: int | None
    seq: int
    created_at: int

    def same_as(self, new: NewTransfer) -> bool:
        """Whether `new` asks for exactly what was posted."""
        return self[: len(new)] == tuple(new)


COLUMNS = ", ".join(Transfer._fields)


def by_ids(reader: Reader, *, ids: Iterable[str]) -> dict[str, Transfer]:
    """Those of the transfers that exist, by id."""
    rows = reader.sql.rows(f"SELECT {COLUMNS} FROM ledger_transfer WHERE id IN :ids", ids=sorted(set(ids)))
    return {row[0]: Transfer._make(row) for row in rows}


def by_id(reader: Reader, *, id: str) -> Transfer:
    """One transfer; `NoSuchTransfer` otherwise."""
    found = by_ids(reader, ids=[id])
    if id not in found:
        raise NoSuchTransfer()
    return found[id]


def endings(reader: Reader, *, hold_ids: Iterable[str]) -> dict[str, Transfer]:
    """The rows that ended those of the holds that have ended, by the hold's id."""
    rows = reader.sql.rows(f"SELECT {COLUMNS} FROM ledger_transfer WHERE pending_id IN :ids", ids=sorted(set(hold_ids)))
    found = [Transfer._make(row) for row in rows]
    return {row.pending_id: row for row in found if row.pending_id is not None}


def debited_since(reader: Reader, *, codes: Iterable[str], first_seq: int) -> dict[str, int]:
    """What left each of those accounts from a transfer's number on, or was held: minor units by account.

    What ends a hold is not counted again; an account that nothing left is not there.
    """
    rows = reader.sql.rows(
        "SELECT debit_account, sum(amount_minor) FROM ledger_transfer WHERE debit_account IN :codes"
        " AND seq >= :first AND pending_id IS NULL GROUP BY debit_account",
        codes=sorted(set(codes)),
        first=first_seq,
    )
    return {row[0]: int(row[1]) for row in rows}


def of_account(reader: Reader, *, code: str, before_seq: int | None = None, limit: int = 50) -> list[Transfer]:
    """An account's transfers, newest first, those before `before_seq` when given."""
    rows = reader.sql.rows(
        f"SELECT {COLUMNS} FROM (SELECT * FROM ledger_transfer WHERE debit_account = :code AND seq < :before"
        f" ORDER BY seq DESC LIMIT :limit) AS debits UNION ALL SELECT {COLUMNS} FROM (SELECT * FROM ledger_transfer"
        " WHERE credit_account = :code AND seq < :before ORDER BY seq DESC LIMIT :limit) AS credits"
        " ORDER BY seq DESC LIMIT :limit",
        code=code,
        before=before_seq or 2**62,
        limit=limit,
    )
    return [Transfer._make(row) for row in rows]
