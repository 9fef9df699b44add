"""The door of paying: a signed order in, what became of it out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify

from shared import clock
from shared.config import Config
from shared.db.store import OutcomeUnknown, StoreUnavailable
from shared.db.unit import Reader
from shared.ledger import accounts, chart
from shared.ledger.posting import InsufficientFunds
from shared.ledger.transfers import Phase
from shared.payments import kinds, receipts
from shared.payments.actions import Executed
from shared.payments.intents import PaymentIntent
from shared.payments.orders import Prepared
from shared.payments.states import IntentState
from shared.web import body, format, sessions, wire
from shared.web.sessions import Session
from wallet import service
from wallet.contacts import people
from wallet.pay import received, staged

doors = Blueprint("pay", __name__)


@doors.post("/api/orders")
def order() -> Response | tuple[Response, int]:
    """Carry out a signed order. The same order again is answered with its first outcome; nothing moves twice."""
    session, given = sessions.required(), body.read()
    prepared = received.prepared(given, session=session)
    wire.about(subject=_intent_named(prepared))
    try:
        executed = staged.carried_out(prepared, given.optional_text("confirmation"))
    except InsufficientFunds:
        raise InsufficientFunds(balance=_balance(session)) from None
    try:
        if isinstance(executed, PaymentIntent):
            return jsonify(_undecided(session, executed)), 202
        return jsonify(_told(session, executed))
    except StoreUnavailable:  # says that nothing was changed, and the money has moved
        raise OutcomeUnknown() from None


def _intent_named(prepared: Prepared) -> str:
    """What an order names a shop's intent by, in hex; empty for one between people."""
    named = prepared.order.subject if kinds.MEANINGS[prepared.order.kind].on_intent else None
    return named.hex() if named else ""


def _told(session: Session, executed: Executed) -> dict[str, Any]:
    transfer = executed.transfer
    if executed.intent:
        wire.about(shop_id=executed.intent.shop_id, intent_id=executed.intent.id)
    seen, frame = service.read(
        _seen_and_receipt, session=session, executed=executed, config=service.config(), secret=service.secret()
    )
    return {
        "status": _status(executed),
        "transfer": transfer.id,
        "seq": transfer.seq,
        "amount_minor": transfer.amount_minor,
        "currency": transfer.currency,
        "payee": seen[executed.payee.id].as_json(),
        "at": clock.rfc3339(transfer.created_at),
        "intent": executed.intent.id if executed.intent else None,
        "is_replay": executed.is_replay,
        "receipt": None if frame is None else service.code_text(frame),
    }


def _undecided(session: Session, intent: PaymentIntent) -> dict[str, Any]:
    wire.about(shop_id=intent.shop_id, intent_id=intent.id)
    return service.read(staged.told, intent=intent, viewer_id=session.party_id)


def _seen_and_receipt(
    reader: Reader, *, session: Session, executed: Executed, config: Config, secret: bytes
) -> tuple[dict[str, people.Person], bytes | None]:
    """The payee as the payer sees them, and the operator's word that the money moved; None while it is only held."""
    seen = people.seen_by(reader, viewer_id=session.party_id, who=[executed.payee])
    if executed.transfer.phase == Phase.PENDING.value:
        return seen, None
    frame = receipts.receipt_frame(
        reader, transfer_id=executed.transfer.id, viewer_id=session.party_id, config=config, secret=secret
    )
    return seen, frame


def _status(executed: Executed) -> str:
    """What the order came to: the same word whenever it is asked, whatever the shop has done since."""
    if executed.transfer.phase == Phase.PENDING.value:
        return IntentState.AUTHORIZED.value
    return IntentState.CAPTURED.value if executed.intent else Phase.POSTED.value


def _balance(session: Session) -> str:
    """What the person has, as they read it."""
    account = service.read(accounts.balance, code=chart.user_account(session.party_id))
    return format.money(account.balance_minor, account.currency, g.language)
