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
from shared.ledger.transfers import Phase, Transfer
from shared.payments import intents, receipts, refunds
from shared.payments.intents import PaymentIntent
from wallet.contacts import people
from wallet.contacts.people import Person

_SAID = "SELECT transfer_id, frame, presented FROM payments_order WHERE transfer_id IN :ids"


@dataclass(frozen=True, slots=True)
class Entry:
    """A transfer as one of its two sides sees it; `at` in milliseconds.

    `direction` is `in` or `out` where money moved, `held` where it was set aside and `released` where that ended
    without a payment. So what came in less what went out is the balance with what is held. `hold` is the transfer that
    held the money which this one took or released; `ended_by` the one that ended this hold.
    """

    transfer: str
    seq: int
    at: int
    direction: str
    kind: str
    other: Person
    amount_minor: int
    currency: str
    memo: str
    hold: str | None = None
    ended_by: str | None = None

    @property
    def signed_minor(self) -> int:
        """The amount as the balance felt it."""
        return self.amount_minor if self.direction == "in" else -self.amount_minor

    @property
    def has_moved(self) -> bool:
        """Whether money changed hands by it."""
        return self.direction in ("in", "out")

    @property
    def texts(self) -> tuple[str, ...]:
        """What a search for words looks into."""
        return self.other.alias, self.other.display_name, self.other.handle, self.memo

    @property
    def became(self) -> str:
        """The word for what it is by now: its direction, and `was_held` for a hold that has ended."""
        return "was_held" if self.direction == "held" and self.ended_by else self.direction

    def as_json(self) -> dict[str, Any]:
        """The row as the API tells of it."""
        plain = ("transfer", "seq", "direction", "kind", "amount_minor", "currency", "memo", "hold", "ended_by")
        other = self.other.as_json()
        return {name: getattr(self, name) for name in plain} | {
            "at": clock.rfc3339(self.at),
            "counterparty": {name: other[name] for name in ("handle", "display_name", "alias", "kind")},
        }


@dataclass(frozen=True, slots=True)
class Settled:
    """One transfer with both of its sides, for one of them.

    `hold` is the transfer that it ended, `ending` the one that ended it, `intent` the shop's request behind it.
    """

    transfer: Transfer
    payer: Person
    payee: Person
    memo: str
    hold: Transfer | None
    ending: Transfer | None
    intent: PaymentIntent | None

    @property
    def other(self) -> Person:
        """The side that is not the viewer's."""
        return self.payee if self.payer.is_me else self.payer

    @property
    def has_moved(self) -> bool:
        """Whether money changed hands by it; a hold and its release prove nothing to anybody."""
        return self.transfer.phase == Phase.POSTED.value


def statement(
    reader: Reader, *, viewer_id: str, before: int | None = None, limit: int = 20
) -> tuple[list[Entry], int | None]:
    """The newest `limit` entries before `before`, and the seq to ask before next; None when there are no more."""
    mine = chart.user_account(viewer_id)
    found = transfers.of_account(reader, code=mine, before_seq=before, limit=limit + 1)
    rows, more = found[:limit], len(found) > limit
    return entries(reader, viewer_id=viewer_id, rows=rows), rows[-1].seq if more else None


def entries(reader: Reader, *, viewer_id: str, rows: Sequence[Transfer]) -> list[Entry]:
    """These transfers of somebody's account as they see them, in the order given."""
    mine = chart.user_account(viewer_id)
    operator = keys.operator_id(reader)
    others = {row.id: _owner(row.credit_account if row.debit_account == mine else row.debit_account) for row in rows}
    known = parties.by_ids(reader, ids={owner or operator for owner in others.values()})
    seen = people.seen_by(reader, viewer_id=viewer_id, who=known.values())
    memos = _memos(reader, rows)
    held = [row.id for row in rows if row.phase == Phase.PENDING.value]
    endings = transfers.endings(reader, hold_ids=held) if held else {}
    return [
        Entry(
            transfer=row.id,
            seq=row.seq,
            at=row.created_at,
            direction=_direction(row, mine),
            kind=row.kind,
            other=seen[others[row.id] or operator],
            amount_minor=row.amount_minor,
            currency=row.currency,
            memo=memos.get(row.id, ""),
            hold=row.pending_id,
            ended_by=endings[row.id].id if row.id in endings else None,
        )
        for row in rows
    ]


def settled(reader: Reader, *, transfer_id: str, viewer_id: str) -> Settled:
    """A transfer and its sides, for one of the two; to anybody else it does not exist (`no_such_transfer`)."""
    transfer = transfers.by_id(reader, id=transfer_id)
    payer, payee = receipts.sides(reader, transfer)
    if viewer_id not in (payer.id, payee.id):
        raise transfers.NoSuchTransfer()
    seen = people.seen_by(reader, viewer_id=viewer_id, who=[payer, payee])
    return Settled(
        transfer,
        seen[payer.id],
        seen[payee.id],
        memo=_memos(reader, [transfer]).get(transfer_id, ""),
        hold=transfers.by_id(reader, id=transfer.pending_id) if transfer.pending_id else None,
        ending=transfers.endings(reader, hold_ids=[transfer_id]).get(transfer_id),
        intent=intents.by_ids(reader, ids=[transfer.reference]).get(transfer.reference),
    )


def _direction(row: Transfer, mine: str) -> str:
    if row.phase == Phase.POSTED.value:
        return "out" if row.debit_account == mine else "in"
    return "held" if row.phase == Phase.PENDING.value else "released"


def _memos(reader: Reader, rows: Sequence[Transfer]) -> dict[str, str]:
    """What the shop, the payer or the one who asked wrote, by transfer; for a refund, why it was given."""
    sold = intents.by_ids(reader, ids=[row.reference for row in rows if row.reference])
    why = refunds.reasons(reader, transfer_ids=[row.id for row in rows if row.kind == "refund"])
    told = {row.id: why.get(row.id) or sold[row.reference].memo for row in rows if row.reference in sold}
    told |= {row.id: "" for row in rows if row.kind == "make_good"}  # its kind says more than what was bought
    orders = reader.sql.rows(_SAID, ids=[row.id for row in rows if row.id not in told])
    return told | {id: _said(frame) or _said(presented) for id, frame, presented in orders}


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
