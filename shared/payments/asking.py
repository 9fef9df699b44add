"""Asking a phone: an intent waits for the one person who is to confirm it."""

from __future__ import annotations

from shared import events
from shared.db.unit import UnitOfWork
from shared.identity import names
from shared.identity.parties import Known
from shared.payments.intents import PaymentIntent
from shared.payments.states import IntentState, advance


def ask(uow: UnitOfWork, *, was: PaymentIntent, payer: Known) -> PaymentIntent:
    """Have the payer's phone asked: the intent waits for it, and nobody else can pay it meanwhile."""
    intent = await_payer(uow, was=was, payer=payer, state=IntentState.REQUIRES_CONFIRMATION)
    tell(uow, "intent.confirmation_required", intent, payer)
    return intent


def await_payer(uow: UnitOfWork, *, was: PaymentIntent, payer: Known, state: IntentState) -> PaymentIntent:
    """Write down that an intent is in `state`, and whose payment it is about."""
    intent = was._replace(state=advance(was.state, state), payer_id=payer.id)
    changed = uow.sql.run(
        "UPDATE payments_intent SET state = :to, payer_id = :payer WHERE id = :id AND state = :was",
        id=intent.id,
        to=intent.state.value,
        payer=payer.id,
        was=was.state.value,
    )
    assert changed == 1, "the head lock lets nobody else change an intent meanwhile"
    return intent


def tell(uow: UnitOfWork, name: str, intent: PaymentIntent, payer: Known, **more: str) -> None:
    """Tell the shop and the payer; the shop knows the payer by an initial."""
    uow.emit(
        name,
        [events.intent_topic(intent.id), events.party_topic(intent.shop_id), events.party_topic(payer.id)],
        intent=intent.id,
        amount_minor=intent.amount_minor,
        currency=intent.currency,
        by=names.initial_only(payer.display_name),
        **more,
    )
