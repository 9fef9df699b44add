"""Settling: each shop's captured sales up to a cut-off become one batch, and one payout for its sum.

Idempotent by the lines: a sale is in one batch at most, so the same cut-off twice finds nothing the second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert

from shared import events, ids, money
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput, Conflict, DomainError
from shared.identity import parties
from shared.ledger import accounts, chart
from shared.payments import actions as payments
from shared.payments import installation, orders
from shared.settlement.models import BatchRow

_TRIES = 5


class CutoffInFuture(BadInput):
    """A cut-off that has not come yet: sales made until then could not be counted."""

    code = "cutoff_in_future"


class SalesChanged(Conflict):
    """The shop's sales changed while the batch was being made; it is made again."""

    code = "sales_changed"


@dataclass(frozen=True, slots=True)
class Batch:
    """A settlement batch. `gross_minor` is the sum of its `sales`; no fees are taken yet, so it is what is paid out."""

    id: str
    shop_id: str
    state: str
    cutoff_at: int
    sales: int
    gross_minor: int
    currency: str
    transfer_id: str
    created_at: int


@dataclass(frozen=True, slots=True)
class _Takings:
    shop_id: str
    intent_ids: Sequence[str]
    gross_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What a settlement did: the new batches, and the shops that could not be settled, each with why."""

    batches: list[Batch]
    refused: list[tuple[str, DomainError]]


def settle(store: Store, *, cutoff_at: int | None, secret: bytes) -> Settled:
    """A batch for every shop with unsettled sales captured up to `cutoff_at` (ms; None = now).

    A shop that cannot be settled (it is frozen, say) does not keep the others from their money.
    """
    now = store.read(_now)
    if cutoff_at is not None and cutoff_at > now:
        raise CutoffInFuture()
    cutoff = now if cutoff_at is None else cutoff_at
    done = Settled([], [])
    for shop_id in store.read(_shops_with_sales, cutoff_at=cutoff):
        try:
            batch = _settle_shop(store, shop_id, cutoff, secret)
        except DomainError as refusal:
            done.refused.append((shop_id, refusal))
        else:
            done.batches.extend([batch] if batch else [])
    return done


def close_batch(uow: UnitOfWork, *, takings: _Takings, cutoff_at: int, batch_id: str, payout: orders.Prepared) -> Batch:
    """Store a batch with its lines and execute its payout: all or nothing."""
    if _takings(uow, shop_id=takings.shop_id, cutoff_at=cutoff_at) != takings:
        raise SalesChanged()
    accounts.open_account(
        uow, code=chart.payout_account(takings.shop_id), currency=takings.currency, owner_id=takings.shop_id
    )
    done = payments.execute(uow, order=payout)
    batch = Batch(
        id=batch_id,
        shop_id=takings.shop_id,
        state="in_transit",
        cutoff_at=cutoff_at,
        sales=len(takings.intent_ids),
        gross_minor=takings.gross_minor,
        currency=takings.currency,
        transfer_id=done.transfer.id,
        created_at=uow.now,
    )
    values = {name: getattr(batch, name) for name in Batch.__slots__ if name != "transfer_id"}
    uow.execute(
        insert(BatchRow).values(
            **values,
            refunds=0,
            refunds_minor=0,
            fee_minor=0,
            carried_in_minor=0,
            net_minor=batch.gross_minor,
            payout_transfer_id=batch.transfer_id,
        )
    )
    uow.sql.run(
        "INSERT INTO settlement_line (source_id, batch_id, kind, transfer_id, amount_minor, fee_minor, happened_at)"
        " SELECT id, :batch, 'sale', transfer_id, captured_minor, 0, closed_at FROM payments_intent WHERE id IN :ids",
        batch=batch_id,
        ids=list(takings.intent_ids),
    )
    uow.emit(
        "batch.closed",
        [events.party_topic(takings.shop_id)],
        batch=batch_id,
        sales=batch.sales,
        gross_minor=batch.gross_minor,
        currency=batch.currency,
    )
    return batch


def _settle_shop(store: Store, shop_id: str, cutoff_at: int, secret: bytes) -> Batch | None:
    for attempt in range(_TRIES):
        takings = store.read(_takings, shop_id=shop_id, cutoff_at=cutoff_at)
        if not takings.intent_ids:
            return None
        batch_id = ids.new_id("bat", store.read(_now))
        payout = store.read(_payout, takings=takings, batch_id=batch_id, secret=secret)
        try:
            return store.run(close_batch, takings=takings, cutoff_at=cutoff_at, batch_id=batch_id, payout=payout)
        except SalesChanged:
            if attempt == _TRIES - 1:
                raise
    return None


def _payout(reader: Reader, *, takings: _Takings, batch_id: str, secret: bytes) -> orders.Prepared:
    return installation.prepare_payout(
        reader,
        secret=secret,
        payee=parties.by_id(reader, id=takings.shop_id).handle,
        amount_minor=takings.gross_minor,
        unit=money.currency(takings.currency),
        memo=batch_id,
    )


def _now(reader: Reader) -> int:
    return reader.now


def _shops_with_sales(reader: Reader, *, cutoff_at: int) -> list[str]:
    rows = reader.sql.rows(
        "SELECT DISTINCT i.shop_id FROM payments_intent AS i LEFT JOIN settlement_line AS l ON l.source_id = i.id"
        " WHERE i.state = 'captured' AND i.closed_at <= :cutoff AND l.source_id IS NULL ORDER BY i.shop_id",
        cutoff=cutoff_at,
    )
    return [row[0] for row in rows]


def _takings(reader: Reader, *, shop_id: str, cutoff_at: int) -> _Takings:
    rows = reader.sql.rows(
        "SELECT i.id, i.amount_minor, i.currency FROM payments_intent AS i LEFT JOIN settlement_line AS l"
        " ON l.source_id = i.id WHERE i.state = 'captured' AND i.shop_id = :shop AND i.closed_at <= :cutoff"
        " AND l.source_id IS NULL ORDER BY i.id",
        shop=shop_id,
        cutoff=cutoff_at,
    )
    return _Takings(shop_id, tuple(row[0] for row in rows), sum(row[1] for row in rows), rows[0][2] if rows else "")
