"""Changing what an unpaid payment intent says. Its code stays as it was drawn: who scans it is shown the new words."""

from __future__ import annotations

from shared import events
from shared.db.unit import UnitOfWork
from shared.identity import names
from shared.payments import intents
from shared.payments.intents import PaymentIntent
from shared.payments.states import IntentAlreadyPaid, IntentCanceled, IntentClosed, IntentState

REFERENCE_BYTES, MEMO_BYTES = 16, 64


def reword(uow: UnitOfWork, *, intent_id: str, shop_id: str, reference: str | None, memo: str | None) -> PaymentIntent:
    """Give an unpaid intent another reference or memo; None leaves it. The shop hears that its intent was updated."""
    intent = intents.of_shop(uow, id=intent_id, shop_id=shop_id).as_of(uow.now)
    if reference is not None or memo is not None:
        intent = _changed(uow, intent, reference, memo)
    uow.emit(
        "intent.updated",
        [events.intent_topic(intent.id), events.party_topic(intent.shop_id)],
        intent=intent.id,
        amount_minor=intent.amount_minor,
        currency=intent.currency,
    )
    return intent


def _changed(uow: UnitOfWork, intent: PaymentIntent, reference: str | None, memo: str | None) -> PaymentIntent:
    _check_unpaid(intent)
    new = intent._replace(
        reference=intent.reference if reference is None else names.check_text(reference, REFERENCE_BYTES),
        memo=intent.memo if memo is None else names.check_text(memo, MEMO_BYTES),
    )
    uow.sql.run(
        "UPDATE payments_intent SET reference = :reference, memo = :memo WHERE id = :id",
        reference=new.reference,
        memo=new.memo,
        id=new.id,
    )
    return new


def _check_unpaid(intent: PaymentIntent) -> None:
    if intent.state is IntentState.CAPTURED:
        raise IntentAlreadyPaid()
    if intent.state is IntentState.CANCELED:
        raise IntentCanceled()
    if intent.state not in intents.UNPAID:
        raise IntentClosed(state=intent.state.value)
