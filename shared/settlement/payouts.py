"""Payouts: the signed orders of a batch, and what the bank says became of the money: it arrived, or it came back."""

from __future__ import annotations

from shared import events, money
from shared.codes.payloads import OrderKind
from shared.db.unit import UnitOfWork
from shared.errors import Conflict
from shared.identity import names, parties
from shared.payments import actions as payments
from shared.payments import installation, orders
from shared.settlement import batches
from shared.settlement.batches import Batch

LONGEST_REASON = 120
"""Bytes of the bank's reason for sending a payout back."""


class NoPayout(Conflict):
    """The batch left nothing to pay out."""

    code = "no_payout"


class PayoutEnded(Conflict):
    """The payout has reached the bank, or has come back, and cannot do the other as well. `state` says which."""

    code = "payout_ended"


def mark_paid(uow: UnitOfWork, *, batch_id: str, secret: bytes) -> Batch:
    """The bank says that the payout arrived: it leaves the books. Said again, nothing changes."""
    return _end(uow, batches.by_id(uow, id=batch_id), "paid", OrderKind.PAID_OUT, None, secret)


def mark_returned(uow: UnitOfWork, *, batch_id: str, reason: str, secret: bytes) -> Batch:
    """The bank sends the payout back: it is the shop's again, for its next batch. Said again, nothing changes."""
    told = names.check_text(reason, LONGEST_REASON)
    return _end(uow, batches.by_id(uow, id=batch_id), "returned", OrderKind.RETURNED, told or None, secret)


def _end(uow: UnitOfWork, batch: Batch, state: str, kind: OrderKind, reason: str | None, secret: bytes) -> Batch:
    if batch.state == state:
        return batch
    if batch.payout_transfer_id is None:
        raise NoPayout()
    if batch.state != "in_transit":
        raise PayoutEnded(state=batch.state)
    done = payments.execute(
        uow, order=order(uow, kind, batch.shop_id, batch.net_minor, batch.currency, batch.id, secret)
    )
    changed = uow.sql.run(
        "UPDATE settlement_batch SET state = :state, end_transfer_id = :transfer, ended_at = :now,"
        " return_reason = :reason WHERE id = :id AND state = 'in_transit'",
        state=state,
        transfer=done.transfer.id,
        now=uow.now,
        reason=reason,
        id=batch.id,
    )
    assert changed == 1, "the head lock lets nobody else end a payout meanwhile"
    ended = batches.by_id(uow, id=batch.id)
    tell(uow, f"batch.{state}", ended)
    return ended


def order(
    uow: UnitOfWork, kind: OrderKind, shop_id: str, amount_minor: int, currency: str, batch_id: str, secret: bytes
) -> orders.Prepared:
    """What a batch moves for its shop, signed by the operator."""
    return installation.prepare_for_batch(
        uow,
        secret=secret,
        kind=kind,
        payee=parties.by_id(uow, id=shop_id).handle,
        amount_minor=amount_minor,
        unit=money.currency(currency),
        batch_id=batch_id,
    )


def tell(uow: UnitOfWork, name: str, batch: Batch) -> None:
    """Tell the shop how its batch stands, and what that means for the payout."""
    _say(uow, name, batch)
    if batch.payout_transfer_id is not None:
        _say(uow, {"batch.closed": "payout.created"}.get(name) or f"payout.{batch.state}", batch)


def _say(uow: UnitOfWork, name: str, batch: Batch) -> None:
    uow.emit(
        name,
        [events.party_topic(batch.shop_id)],
        batch=batch.id,
        state=batch.state,
        sales=batch.sales,
        refunds=batch.refunds,
        gross_minor=batch.gross_minor,
        refunds_minor=batch.refunds_minor,
        adjustments_minor=batch.adjustments_minor,
        fee_minor=batch.fee_minor,
        carried_in_minor=batch.carried_in_minor,
        net_minor=batch.net_minor,
        currency=batch.currency,
    )
