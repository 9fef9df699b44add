"""What an executed order leaves behind: the order itself, the captured intent, the spent request, the events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from shared import events, ids
from shared.codes.payloads import OrderKind
from shared.db.many import Many, Row, insert_into
from shared.db.unit import Reader, UnitOfWork
from shared.identity import names
from shared.identity.parties import Known
from shared.ledger.transfers import Phase, Transfer
from shared.payments import kinds, payer_codes
from shared.payments.intents import PaymentIntent
from shared.payments.models import Intent, OrderRow, RefundRow, SpentRow
from shared.payments.orders import Prepared
from shared.payments.states import IntentState

_INSERT_ORDERS = insert_into(OrderRow.__table__, ["id", "kind", "frame", "presented", "transfer_id", "executed_at"])
_INSERT_SPENT = insert_into(SpentRow.__table__, ["payee_id", "jti", "order_id"])
_ADVANCE = Many(
    Intent.__table__,
    "UPDATE payments_intent SET state = :state, payer_id = :payer_id, transfer_id = :transfer_id,"
    " closed_at = :closed_at, hold_id = :hold_id, authorized_until = :authorized_until,"
    " captured_minor = :captured_minor, refunded_minor = :refunded_minor"
    " WHERE id = :id AND state = :was AND refunded_minor = :refunded_before",
    was="state",
    refunded_before="refunded_minor",
)
_CAPTURE = Many(
    Intent.__table__,
    "UPDATE payments_intent SET state = :state, payer_id = :payer_id, transfer_id = :transfer_id,"
    " closed_at = :closed_at, captured_minor = :captured_minor WHERE id = :id AND state = :was",
    was="state",
)
"""What `_ADVANCE` comes to for a payment at once: an index is written again wherever its column stands in a SET."""
_INSERT_REFUNDS = insert_into(
    RefundRow.__table__,
    ["id", "intent_id", "shop_id", "amount_minor", "currency", "reason", "state", "transfer_id", "created_at"],
)
_INSERT_SALES = insert_into(Intent.__table__, PaymentIntent._fields)


class Done(NamedTuple):
    """An order with the transfer that it caused, and the intent that it acted on, as it was and as it is now."""

    prepared: Prepared
    transfer: Transfer
    payer: Known
    payee: Known
    was: PaymentIntent | None
    intent: PaymentIntent | None


def advanced(intent: PaymentIntent, kind: OrderKind, payer_id: str, transfer: Transfer) -> PaymentIntent:
    """The intent as this transfer leaves it; `payer_id` is whoever was debited."""
    amount, at = transfer.amount_minor, transfer.created_at
    if kind in kinds.GIVES_BACK:
        return intent._replace(refunded_minor=intent.refunded_minor + amount)
    if kind in kinds.HOLDS:
        return intent._replace(
            state=IntentState.AUTHORIZED,
            payer_id=payer_id,
            hold_id=transfer.id,
            authorized_until=transfer.expires_at,
        )
    if kind == OrderKind.VOID:
        return intent._replace(state=IntentState.VOIDED, closed_at=at)
    return intent._replace(
        state=IntentState.CAPTURED,
        payer_id=payer_id,
        transfer_id=transfer.id,
        closed_at=at,
        captured_minor=amount,
    )


def counter_sale(prepared: Prepared, shop: Known, now: int) -> PaymentIntent:
    """The intent of a payment at a static code: it comes into being as it is paid."""
    return PaymentIntent(
        id=ids.derived_id("pi", now, bytes.fromhex(prepared.id)),
        shop_id=shop.id,
        amount_minor=prepared.order.amount_minor,
        currency=prepared.currency,
        reference="",
        memo=prepared.order.memo or "",
        state=IntentState.REQUIRES_PAYMENT,
        kid=prepared.kid,
        jti=prepared.order.jti.hex(),
        code=b"",
        created_at=now,
        expires_at=now,
        payer_id=None,
        transfer_id=None,
        closed_at=None,
    )


def reference_of(prepared: Prepared, intent: PaymentIntent | None) -> str:
    """What the transfer's row says caused it: an intent, a settlement batch (its memo), or nothing."""
    if intent is not None:
        return intent.id
    return (prepared.order.memo or "") if kinds.MEANINGS[prepared.order.kind].for_batch else ""


def stored_frames(reader: Reader, *, ids: Iterable[str]) -> dict[str, bytes]:
    """The frames of those orders that were executed, by order id."""
    rows = reader.sql.rows("SELECT id, frame FROM payments_order WHERE id IN :ids", ids=sorted(set(ids)))
    return {row[0]: bytes(row[1]) for row in rows}


def spent_requests(reader: Reader, *, jtis: Iterable[str]) -> set[tuple[str, str]]:
    """Those of the peer requests that were paid, as (payee id, jti)."""
    rows = reader.sql.rows("SELECT payee_id, jti FROM payments_spent WHERE jti IN :jtis", jtis=sorted(set(jtis)))
    return {(row[0], row[1]) for row in rows}


def write(uow: UnitOfWork, done: Sequence[Done]) -> None:
    """Write all effects of the posted orders, set by set, and tell whoever they concern."""
    uow.sql.run_many(_INSERT_ORDERS, [_order_row(item, uow.now) for item in done])
    uow.sql.run_many(
        _INSERT_SPENT,
        [
            (item.payee.id, item.prepared.order.subject.hex(), item.prepared.id)
            for item in done
            if item.prepared.order.kind == OrderKind.SEND and item.prepared.order.subject is not None
        ],
    )
    _write_intents(uow, done)
    payer_codes.spend(
        uow,
        [
            payer_codes.taken(item.prepared.presented, intent_id=item.was.id, order_id=item.prepared.id, at=uow.now)
            for item in done
            if item.prepared.order.kind in kinds.CHARGES and item.prepared.presented and item.was
        ],
    )
    for item in done:
        _tell(uow, item)


def _order_row(item: Done, now: int) -> Row:
    order, presented = item.prepared, item.prepared.presented
    return order.id, int(order.order.kind), order.frame, presented.frame if presented else None, item.transfer.id, now


def _write_intents(uow: UnitOfWork, done: Sequence[Done]) -> None:
    sales: list[Row] = []
    captures: list[Row] = []
    changes: list[Row] = []
    refunds: list[Row] = []
    for item in done:
        was, intent = item.was, item.intent
        if was is None or intent is None:
            continue
        if item.prepared.order.kind == OrderKind.PAY and not intent.code:
            sales.append(intent)
            continue
        if item.prepared.order.kind == OrderKind.PAY:
            captures.append(
                (
                    intent.state.value, intent.payer_id, intent.transfer_id, intent.closed_at, intent.captured_minor,
                    intent.id, was.state.value,
                )
            )  # fmt: skip
            continue
        changes.append(
            (
                intent.state.value, intent.payer_id, intent.transfer_id, intent.closed_at, intent.hold_id,
                intent.authorized_until, intent.captured_minor, intent.refunded_minor, intent.id, was.state.value,
                was.refunded_minor,
            )
        )  # fmt: skip
        if item.prepared.order.kind == OrderKind.REFUND:
            refunds.append(_refund(item, intent))
    changed = uow.sql.run_many(_ADVANCE, changes) + uow.sql.run_many(_CAPTURE, captures)
    assert changed == len(changes) + len(captures), "the head lock lets nobody else change an intent meanwhile"
    uow.sql.run_many(_INSERT_SALES, sales)
    uow.sql.run_many(_INSERT_REFUNDS, refunds)


def refund_id(prepared: Prepared) -> str:
    """The name of the refund that an order makes."""
    return ids.derived_id("rf", prepared.order.issued_at_s * 1000, bytes.fromhex(prepared.id))


def _refund(item: Done, intent: PaymentIntent) -> dict[str, object]:
    return {
        "id": refund_id(item.prepared),
        "intent_id": intent.id,
        "shop_id": intent.shop_id,
        "amount_minor": item.transfer.amount_minor,
        "currency": item.transfer.currency,
        "state": "succeeded",
        "transfer_id": item.transfer.id,
        "created_at": item.transfer.created_at,
        "reason": item.prepared.reason,
    }


_HEARD: Mapping[str, str] = {
    Phase.POSTED: "transfer.posted",
    Phase.PENDING: "transfer.held",
    Phase.VOIDED: "transfer.released",
}
_NEWS = {
    OrderKind.PAY: "intent.captured",
    OrderKind.HOLD: "intent.authorized",
    OrderKind.CAPTURE: "intent.captured",
    OrderKind.VOID: "intent.voided",
    OrderKind.REFUND: "intent.refunded",
    OrderKind.MAKE_GOOD: "intent.made_good",
    OrderKind.CHARGE: "intent.captured",
    OrderKind.CHARGE_HOLD: "intent.authorized",
}


def _tell(uow: UnitOfWork, item: Done) -> None:
    transfer, between = item.transfer, (item.payer.kind, item.payee.kind)
    is_sale = between == ("user", "shop")
    is_refund = between == ("shop", "user")  # the shop hears of this: it knows an initial
    uow.emit(
        _HEARD[transfer.phase],
        [events.party_topic(item.payer.id), events.party_topic(item.payee.id)],
        transfer=transfer.id,
        seq=transfer.seq,
        kind=transfer.kind,
        amount_minor=transfer.amount_minor,
        currency=transfer.currency,
        payer=names.initial_only(item.payer.display_name) if is_sale else item.payer.display_name,
        payee=names.initial_only(item.payee.display_name) if is_refund else item.payee.display_name,
        payee_id="" if is_refund else item.payee.id,
    )
    if item.intent:
        payer = item.payer if is_sale else item.payee
        uow.emit(
            _NEWS[item.prepared.order.kind],
            [events.intent_topic(item.intent.id), events.party_topic(item.intent.shop_id)],
            intent=item.intent.id,
            amount_minor=transfer.amount_minor,
            currency=transfer.currency,
            by=names.initial_only(payer.display_name),
            transfer=transfer.id,
        )
        if item.prepared.order.kind == OrderKind.REFUND:
            uow.emit(
                "refund.succeeded",
                [events.party_topic(item.intent.shop_id)],
                refund=refund_id(item.prepared),
                intent=item.intent.id,
                amount_minor=transfer.amount_minor,
                currency=transfer.currency,
                transfer=transfer.id,
            )
