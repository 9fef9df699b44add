"""Holds: money set aside by a pending transfer until it is posted, voided, or its time is over."""

from __future__ import annotations

from shared import ids
from shared.db.unit import Reader, UnitOfWork
from shared.ledger import posting
from shared.ledger.transfers import COLUMNS, NewTransfer, Phase, Transfer

_DUE = (
    f"SELECT {COLUMNS} FROM ledger_transfer AS h WHERE h.phase = 'pending' AND h.expires_at <= :now"
    " AND NOT EXISTS (SELECT 1 FROM ledger_transfer AS e WHERE e.pending_id = h.id) ORDER BY h.seq LIMIT :limit"
)
_AT_ONCE = 1000


def hold(new: NewTransfer, *, expires_at: int) -> NewTransfer:
    """The same transfer as a hold that ends by itself at `expires_at` (ms)."""
    return new._replace(phase=Phase.PENDING.value, expires_at=expires_at)


def posting_of(pending: Transfer, *, id: str, amount_minor: int, kind: str) -> NewTransfer:
    """What makes a hold final: all of it or less, the rest is released."""
    return _ending(pending, id, amount_minor, kind, Phase.POSTED)


def void_of(pending: Transfer, *, id: str, kind: str) -> NewTransfer:
    """What releases a hold."""
    return _ending(pending, id, pending.amount_minor, kind, Phase.VOIDED)


def expire_due(uow: UnitOfWork) -> list[Transfer]:
    """Release the holds whose time is over; the rows that ended them. At most a thousand at a time."""
    due = [Transfer(*row) for row in uow.sql.rows(_DUE, now=uow.now, limit=_AT_ONCE)]
    news = [
        _ending(
            row, ids.derived_id("trf", row.expires_at or 0, row.id.encode()), row.amount_minor, "expiry", Phase.EXPIRED
        )
        for row in due
    ]
    return [row for row in posting.post_many(uow, news) if isinstance(row, Transfer)]


def has_due(reader: Reader) -> bool:
    """Whether `expire_due` would find anything."""
    return bool(reader.sql.rows(_DUE, now=reader.now, limit=1))


def _ending(pending: Transfer, id: str, amount_minor: int, kind: str, phase: Phase) -> NewTransfer:
    return NewTransfer(
        id=id,
        debit_account=pending.debit_account,
        credit_account=pending.credit_account,
        amount_minor=amount_minor,
        currency=pending.currency,
        kind=kind,
        reference=pending.reference,
        phase=phase.value,
        pending_id=pending.id,
    )
