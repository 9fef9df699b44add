"""What happened to somebody's money: the statement's rows, and one transfer with its two sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared import clock
from shared.codes import cbor, payloads
from shared.codes import frame as frames
from shared.db.unit import Reader
from shared.identity import keys, parties
from shared.ledger import chart, transfers
from shared.ledger.transfers import Transfer
from shared.payments import receipts
from wallet.contacts import people
from wallet.contacts.people import Person

_MEMOS = (
    "SELECT o.transfer_id, o.frame, o.presented, i.memo FROM payments_order AS o"
    " LEFT JOIN payments_intent AS i ON i.transfer_id = o.transfer_id WHERE o.transfer_id IN :ids"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A transfer as one of its two sides sees it. `direction` is `in` or `out`; `at` in milliseconds."""

    transfer: str
    seq: int
    at: int
    direction: str
    kind: str
    other: Person
    amount_minor: int
    currency: str
    memo: str

    @property
    def signed_minor(self) -> int:
        """The amount as the balance felt it."""
        return self.amount_minor if self.direction == "in" else -self.amount_minor

    def as_json(self) -> dict[str, Any]:
        """The row as the API tells of it."""
        plain = ("transfer", "seq", "direction", "kind", "amount_minor", "currency", "memo")
        other = self.other.as_json()
        return {name: getattr(self, name) for name in plain} | {
            "at": clock.rfc3339(self.at),
            "counterparty": {name: other[name] for name in ("handle", "display_name", "alias", "kind")},
        }


@dataclass(frozen=True, slots=True)
class Settled:
    """One transfer with both of its sides, for one of them."""

    transfer: Transfer
    payer: Person
    payee: Person
    memo: str


def statement(
    reader: Reader, *, viewer_id: str, before: int | None = None, limit: int = 20
) -> tuple[list[Entry], int | None]:
    """The newest `limit` entries before `before`, and the seq to ask before next; None when there are no more."""
    mine = chart.user_account(viewer_id)
    found = transfers.of_account(reader, code=mine, before_seq=before, limit=limit + 1)
    rows, more = found[:limit], len(found) > limit
    operator = keys.operator_id(reader)
    others = {row.id: _owner(row.credit_account if row.debit_account == mine else row.debit_account) for row in rows}
    known = parties.by_ids(reader, ids={owner or operator for owner in others.values()})
    seen = people.seen_by(reader, viewer_id=viewer_id, who=known.values())
    memos = _memos(reader, [row.id for row in rows])
    entries = [
        Entry(
            transfer=row.id,
            seq=row.seq,
            at=row.created_at,
            direction="out" if row.debit_account == mine else "in",
            kind=row.kind,
            other=seen[others[row.id] or operator],
            amount_minor=row.amount_minor,
            currency=row.currency,
            memo=memos.get(row.id, ""),
        )
        for row in rows
    ]
    return entries, rows[-1].seq if more else None


def settled(reader: Reader, *, transfer_id: str, viewer_id: str) -> Settled:
    """A transfer and its sides, for one of the two; to anybody else it does not exist (`no_such_transfer`)."""
    transfer = transfers.by_id(reader, id=transfer_id)
    payer, payee = receipts.sides(reader, transfer)
    if viewer_id not in (payer.id, payee.id):
        raise transfers.NoSuchTransfer()
    seen = people.seen_by(reader, viewer_id=viewer_id, who=[payer, payee])
    memo = _memos(reader, [transfer_id]).get(transfer_id, "")
    return Settled(transfer, seen[payer.id], seen[payee.id], memo)


def _memos(reader: Reader, transfer_ids: Sequence[str]) -> dict[str, str]:
    """What the shop, the payer or the one who asked wrote, by transfer."""
    rows = reader.sql.rows(_MEMOS, ids=list(transfer_ids))
    return {id: memo or _said(frame) or _said(presented) for id, frame, presented, memo in rows}


def _said(frame: bytes | None) -> str:
    """The memo in a stored code. Its seal was checked before it was stored."""
    if frame is None:
        return ""
    parts = frames.split(bytes(frame))
    said = payloads.from_fields(parts.type, cbor.decode(parts.body))
    return getattr(said, "memo", None) or ""


def _owner(account: str) -> str:
    """The party id in an account's code; empty for the bank."""
    return account.partition(":")[2]
