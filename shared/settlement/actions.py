"""The verbs of settlement: set a shop's rate, close a batch, settle all shops. What becomes of payouts: payouts.py.

A batch is judged and made inside the writer's turn, so no sale and no refund can slip by between looking and closing.
The rows, the fee and the payout (one group of transfers, each by a signed order) and the event are one commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from shared import ids, money
from shared.codes.payloads import OrderKind
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput, DomainError, NotFound
from shared.identity import keys, parties
from shared.ledger import accounts, chart
from shared.payments import actions as payments
from shared.settlement import batches, fees, payouts, takings
from shared.settlement.batches import Batch
from shared.settlement.fees import Rate
from shared.settlement.models import BatchRow
from shared.settlement.takings import Takings

_INSERT_LINE = (
    "INSERT INTO settlement_line (source_id, batch_id, kind, transfer_id, amount_minor, fee_minor, happened_at)"
    " VALUES (:source_id, :batch_id, :kind, :transfer_id, :amount_minor, :fee_minor, :happened_at)"
)


class CutoffInFuture(BadInput):
    """A cut-off that has not come yet: sales made until then could not be counted."""

    code = "cutoff_in_future"


class BadRate(BadInput):
    """A rate is 0 to 10,000 basis points and a fixed part of 0 to 10^12 minor units."""

    code = "bad_rate"


class NotAShop(NotFound):
    """Only shops are settled."""

    code = "not_a_shop"


@dataclass(frozen=True, slots=True)
class Settled:
    """What a settlement did: the new batches, and the shops that could not be settled, each with why."""

    batches: list[Batch]
    refused: list[tuple[str, DomainError]]


def settle(store: Store, *, cutoff_at: int | None, secret: bytes) -> Settled:
    """Batches for every shop that has something to settle up to `cutoff_at` (ms; None = now).

    A shop that cannot be settled (it is frozen, say) does not keep the others from their money.
    """
    now = store.read(_now)
    if cutoff_at is not None and cutoff_at > now:
        raise CutoffInFuture()
    cutoff = now if cutoff_at is None else cutoff_at
    done = Settled([], [])
    for shop_id in store.read(takings.shops):
        try:
            _settle_shop(store, shop_id, cutoff, secret, done.batches)
        except DomainError as refusal:
            done.refused.append((shop_id, refusal))
    return done


def set_rate(uow: UnitOfWork, *, shop_id: str, rate: Rate) -> Rate:
    """What a shop pays for its sales, from its next batch on."""
    if not (0 <= rate.basis_points <= fees.WHOLE and 0 <= rate.fixed_minor <= money.MAX_MINOR):
        raise BadRate()
    if parties.by_id(uow, id=shop_id).kind != "shop":
        raise NotAShop()
    uow.sql.run(
        "INSERT INTO settlement_rate (shop_id, basis_points, fixed_minor, updated_at)"
        " VALUES (:shop, :basis_points, :fixed, :now) ON CONFLICT (shop_id) DO UPDATE"
        " SET basis_points = :basis_points, fixed_minor = :fixed, updated_at = :now",
        shop=shop_id,
        basis_points=rate.basis_points,
        fixed=rate.fixed_minor,
        now=uow.now,
    )
    return rate


def close_batch(uow: UnitOfWork, *, shop_id: str, cutoff_at: int, batch_id: str, secret: bytes) -> Batch | None:
    """Make a shop's next batch at a cut-off (ms): all of it, or nothing; None when there is nothing to settle.

    Closing `batch_id` again answers with the batch as it is. `secret` unlocks the operator's key, which signs.
    """
    if batch_id in (known := batches.find(uow, ids=[batch_id])):
        return known[batch_id]
    if cutoff_at > uow.now:
        raise CutoffInFuture()
    taken = takings.next_batch(uow, shop_id=shop_id, cutoff_at=cutoff_at)
    if taken is None:
        return None
    batch = _batch(uow, taken, batch_id, _move(uow, taken, batch_id, secret))
    uow.execute(insert(BatchRow).values(**{name: getattr(batch, name) for name in Batch.__slots__}))
    uow.sql.run_many(_INSERT_LINE, _lines(taken, batch_id))
    carried = uow.sql.run(
        "UPDATE settlement_batch SET carried_to = :batch WHERE id IN :ids AND carried_to IS NULL",
        batch=batch_id,
        ids=list(taken.carried),
    )
    assert carried == len(taken.carried), "the head lock lets nobody else carry a rest meanwhile"
    payouts.tell(uow, "batch.closed", batch)
    return batch


def _move(uow: UnitOfWork, taken: Takings, batch_id: str, secret: bytes) -> dict[OrderKind, str]:
    """Execute the orders for fee, lost disputes and payout, all or none; the ids of their transfers."""
    wanted = [
        (OrderKind.FEE, taken.collected_minor),
        (OrderKind.CLAWBACK, taken.clawback_minor),
        (OrderKind.PAYOUT, max(0, taken.net_minor)),
    ]
    moving = [(kind, amount) for kind, amount in wanted if amount]
    if not moving:
        return {}
    owners = {chart.FEES: keys.operator_id(uow), chart.payout_account(taken.shop_id): taken.shop_id}
    for code, owner in owners.items():
        accounts.open_account(uow, code=code, currency=taken.currency, owner_id=owner)
    calls = [
        {"order": payouts.order(uow, kind, taken.shop_id, amount, taken.currency, batch_id, secret)}
        for kind, amount in moving
    ]
    posted: dict[OrderKind, str] = {}
    refusals: list[DomainError] = []
    for (kind, _), answer in zip(moving, payments.execute_many(uow, calls), strict=True):
        if isinstance(answer, DomainError):
            refusals.append(answer)
        else:
            posted[kind] = answer.transfer.id
    if refusals:
        raise min(refusals, key=lambda refusal: refusal.code == "group_refused")
    return posted


def _batch(uow: UnitOfWork, taken: Takings, batch_id: str, moved: dict[OrderKind, str]) -> Batch:
    return Batch(
        id=batch_id,
        shop_id=taken.shop_id,
        state="in_transit" if OrderKind.PAYOUT in moved else "closed",
        cutoff_at=taken.cutoff_at,
        currency=taken.currency,
        sales=len(taken.sales),
        refunds=len(taken.refunds),
        basis_points=taken.rate.basis_points,
        fixed_minor=taken.rate.fixed_minor,
        gross_minor=taken.gross_minor,
        refunds_minor=taken.refunds_minor,
        fee_minor=taken.fee_minor,
        carried_in_minor=taken.carried_in_minor,
        net_minor=taken.net_minor,
        fee_transfer_id=moved.get(OrderKind.FEE),
        payout_transfer_id=moved.get(OrderKind.PAYOUT),
        end_transfer_id=None,
        carried_to=None,
        created_at=uow.now,
        ended_at=None,
        return_reason=None,
        adjustments=len(taken.disputes),
        adjustments_minor=taken.adjustments_minor,
        clawback_transfer_id=moved.get(OrderKind.CLAWBACK),
    )


def _lines(taken: Takings, batch_id: str) -> list[dict[str, Any]]:
    all_of_it = [("sale", sale, fee) for sale, fee in zip(taken.sales, taken.fees_minor, strict=True)]
    all_of_it += [("refund", refund, 0) for refund in taken.refunds]
    all_of_it += [("dispute", dispute, 0) for dispute in taken.disputes]
    return [
        {
            "source_id": item.id,
            "batch_id": batch_id,
            "kind": kind,
            "transfer_id": item.transfer_id,
            "amount_minor": item.amount_minor,
            "fee_minor": fee,
            "happened_at": item.at,
        }
        for kind, item, fee in all_of_it
    ]


def _settle_shop(store: Store, shop_id: str, cutoff_at: int, secret: bytes, made: list[Batch]) -> None:
    """One batch as a rule; more where a payout cannot carry everything."""
    while store.read(takings.next_batch, shop_id=shop_id, cutoff_at=cutoff_at):
        batch_id = ids.new_id("bat", store.read(_now))
        batch = store.run(close_batch, shop_id=shop_id, cutoff_at=cutoff_at, batch_id=batch_id, secret=secret)
        if batch is None:
            return
        made.append(batch)


def _now(reader: Reader) -> int:
    return reader.now
