"""What an executed order leaves behind: the order itself, the captured intent, the spent request, the events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from shared import events, ids
from shared.codes.payloads import OrderKind
from shared.db.unit import Reader, UnitOfWork
from shared.identity import names
from shared.identity.parties import Known
from shared.ledger.transfers import Transfer
from shared.payments import intents
from shared.payments.intents import PaymentIntent
from shared.payments.orders import Prepared
from shared.payments.states import IntentState

_INSERT_ORDER = (
    "INSERT INTO payments_order (id, kind, frame, presented, transfer_id, executed_at)"
    " VALUES (:id, :kind, :frame, :presented, :transfer_id, :executed_at)"
)
_INSERT_SPENT = "INSERT INTO payments_spent (payee_id, jti, order_id) VALUES (:payee_id, :jti, :order_id)"
_CAPTURE = (
    "UPDATE payments_intent SET state = 'captured', payer_id = :payer_id, transfer_id = :transfer_id,"
    " closed_at = :closed_at, captured_minor = :captured_minor WHERE id = :id AND state = 'requires_payment'"
)
_INSERT_SALE = (
    f"INSERT INTO payments_intent ({intents.COLUMNS})"
    f" VALUES ({', '.join(':' + name for name in PaymentIntent.__slots__)})"
)


@dataclass(frozen=True, slots=True)
class Done:
    """An order with the transfer that it caused."""

    prepared: Prepared
    transfer: Transfer
    payer: Known
    payee: Known
    intent: PaymentIntent | None


def captured(intent: PaymentIntent, payer_id: str, transfer: Transfer) -> PaymentIntent:
    """The intent as this transfer leaves it."""
    return replace(
        intent,
        state=IntentState.CAPTURED,
        payer_id=payer_id,
        transfer_id=transfer.id,
        closed_at=transfer.created_at,
        captured_minor=transfer.amount_minor,
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
    return (prepared.order.memo or "") if prepared.order.kind == OrderKind.PAYOUT else ""


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
    uow.sql.run_many(
        _INSERT_ORDER,
        [
            {
                "id": item.prepared.id,
                "kind": int(item.prepared.order.kind),
                "frame": item.prepared.frame,
                "presented": item.prepared.request.frame if item.prepared.request else None,
                "transfer_id": item.transfer.id,
                "executed_at": uow.now,
            }
            for item in done
        ],
    )
    uow.sql.run_many(
        _INSERT_SPENT,
        [
            {"payee_id": item.payee.id, "jti": item.prepared.order.subject.hex(), "order_id": item.prepared.id}
            for item in done
            if item.prepared.request is not None and item.prepared.order.subject is not None
        ],
    )
    _write_intents(uow, done)
    for item in done:
        _tell(uow, item)


def _write_intents(uow: UnitOfWork, done: Sequence[Done]) -> None:
    held = [item.intent for item in done if item.intent is not None]
    rows = [{name: getattr(intent, name) for name in PaymentIntent.__slots__} for intent in held]
    needed = ("payer_id", "transfer_id", "closed_at", "captured_minor", "id")
    captures = [{name: row[name] for name in needed} for row in rows if row["code"]]
    changed = uow.sql.run_many(_CAPTURE, captures)
    assert changed == len(captures), "the head lock lets nobody else change an intent meanwhile"
    uow.sql.run_many(_INSERT_SALE, [row | {"state": row["state"].value} for row in rows if not row["code"]])


def _tell(uow: UnitOfWork, item: Done) -> None:
    transfer = item.transfer
    uow.emit(
        "transfer.posted",
        [events.party_topic(item.payer.id), events.party_topic(item.payee.id)],
        transfer=transfer.id,
        seq=transfer.seq,
        kind=transfer.kind,
        amount_minor=transfer.amount_minor,
        currency=transfer.currency,
        payer=names.initial_only(item.payer.display_name) if item.intent else item.payer.display_name,
        payee=item.payee.display_name,
        payee_id=item.payee.id,
    )
    if item.intent:
        uow.emit(
            "intent.captured",
            [events.intent_topic(item.intent.id), events.party_topic(item.payee.id)],
            intent=item.intent.id,
            amount_minor=transfer.amount_minor,
            currency=transfer.currency,
            by=names.initial_only(item.payer.display_name),
            transfer=transfer.id,
        )
