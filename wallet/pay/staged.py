"""Paying in a sandbox, where a test may have asked for the outcome: what the phone is told when nothing moved yet."""

from __future__ import annotations

from typing import Any

from shared import clock
from shared.codes.refusals import CodeExpired
from shared.db.unit import Reader
from shared.identity import parties
from shared.payments.actions import Executed
from shared.payments.intents import PaymentIntent
from shared.payments.orders import Prepared
from shared.payments.outcomes import Staged
from shared.payments.states import IntentClosed, OutcomePending
from wallet import service
from wallet.contacts import people
from wallet.pay import actions


def carried_out(order: Prepared, confirmation: str | None) -> Executed | PaymentIntent:
    """Pay; what was executed, or the intent as it stands where its outcome is not known, or its payer is to be asked.

    An order that was taken in before is answered so long after its own two minutes.
    """
    try:
        executed: Executed = service.run(actions.pay, order=order, confirmation=confirmation)
        return executed
    except (Staged, OutcomePending, CodeExpired, IntentClosed):
        if not order.plays:
            raise
    played = service.run(actions.pay_as_asked, order=order, confirmation=confirmation)
    if played.refusal is not None:
        raise played.refusal
    return played.executed or played.intent


def told(reader: Reader, *, intent: PaymentIntent, viewer_id: str) -> dict[str, Any]:
    """A payment of which nothing has moved yet, as the phone's pages get it: `status` is `unknown`, or that the
    person is to be asked.
    """
    shop = parties.by_id(reader, id=intent.shop_id)
    return {
        "status": intent.state.value,
        "transfer": None,
        "seq": None,
        "amount_minor": intent.amount_minor,
        "currency": intent.currency,
        "payee": people.seen_by(reader, viewer_id=viewer_id, who=[shop])[shop.id].as_json(),
        "at": clock.rfc3339(reader.now),
        "intent": intent.id,
        "is_replay": False,
        "receipt": None,
    }
