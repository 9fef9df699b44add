"""Charging a payer code: the phone shows, the shop scans.

A code is taken once. What its owner lets go without being asked (limits.py) is charged at once by an order that the
shop seals and that comes with the code. For more than that the code is only a way to ask: the intent waits for its
payer, whose phone pays it with an order of its own, declines it, or lets its time run out.
"""

from __future__ import annotations

import re

from shared import money
from shared.codes.payloads import OrderKind
from shared.db.unit import Reader, UnitOfWork
from shared.identity import parties
from shared.identity.signing import Signer
from shared.ledger.posting import InsufficientFunds
from shared.payments import actions, asking, intents, limits, orders, payer_codes, staging
from shared.payments.intents import PaymentIntent
from shared.payments.orders import Prepared
from shared.payments.outcomes import Staged
from shared.payments.states import IntentState

_TYPED = re.compile(r"[0-9][0-9 -]*\Z", re.ASCII)


def tidied(text: str) -> str:
    """What was scanned or typed, without the spaces and dashes that stand between digits."""
    text = text.strip()
    return re.sub(r"[ -]", "", text) if _TYPED.match(text) else text


def prepare(
    reader: Reader, *, shop: parties.Known, signer: Signer, intent_id: str, code: bytes, plays: bool = False
) -> Prepared:
    """The order with which a shop charges an intent to a payer code (its frame). `plays` says that this is a sandbox.

    Opens the code and seals the order, which is dear. Whatever may change is judged by `charge_presented`.
    """
    intent = intents.of_shop(reader, id=intent_id, shop_id=shop.id)
    return prepare_for(reader, signer=signer, intent=intent, code=code, plays=plays)


def prepare_for(reader: Reader, *, signer: Signer, intent: PaymentIntent, code: bytes, plays: bool = False) -> Prepared:
    """The same for an intent that may not be stored yet: it has to be when the code is charged."""
    opened = orders.open_as_of(reader, code, at_ms=None, now_s=None)
    payer_codes.payer_code(opened)
    assert opened.sealed_by is not None, "a payer code's key is registered"
    order = orders.server_order(
        reader.now,
        kind=OrderKind.CHARGE_HOLD if intent.capture_method == intents.MANUAL else OrderKind.CHARGE,
        payee=opened.sealed_by.handle,
        amount_minor=intent.amount_minor,
        unit=money.currency(intent.currency),
        memo=intent.id,
        subject=payer_codes.subject_of(code),
    )
    return orders.sealed(reader, order=order, signer_id=intent.shop_id, signer=signer, presented=opened, plays=plays)


def charge_presented(uow: UnitOfWork, *, order: Prepared) -> PaymentIntent:
    """Take a payer code for the intent that the order names: captured or held at once, or waiting for its payer.

    The same code for the same intent again is answered with the intent as it stands.
    """
    assert order.presented is not None, "a charge comes with its code"
    before = payer_codes.find(uow, opened=order.presented)
    if before is not None and before.intent_id == order.order.memo:
        return intents.of_shop(uow, id=before.intent_id, shop_id=order.signer_id).as_of(uow.now)
    is_asked = order.order.amount_minor > limits.of(uow, party_id=order.spender_id or "").no_pin_minor
    try:
        intent: PaymentIntent | None = _ask(uow, order) if is_asked else actions.execute(uow, order=order).intent
    except Staged:
        intent = staging.play(uow, order=order).intent
    except InsufficientFunds:
        raise payer_codes.PayerShort() from None
    except limits.DailyLimitReached:
        raise limits.DailyLimitReached() from None  # how much is left is not the shop's to know
    assert intent is not None, "a charge acts on an intent"
    return intent


def decline(uow: UnitOfWork, *, intent_id: str, party_id: str) -> PaymentIntent:
    """Say no to a charge that waits for this person; saying it again changes nothing."""
    intent = intents.by_id(uow, id=intent_id).as_of(uow.now)
    if intent.payer_id != party_id:
        raise intents.UnknownIntent()
    if intent.state is IntentState.DECLINED:
        return intent
    return intents.close(uow, intent, IntentState.DECLINED, "intent.declined")


def _ask(uow: UnitOfWork, order: Prepared) -> PaymentIntent:
    """Take the code and have the payer's phone asked, when nothing else is against the charge."""
    judged = actions.judged(uow, order=order)
    assert judged.intent is not None
    assert order.presented is not None
    intent = asking.ask(uow, was=judged.intent, payer=judged.other)
    payer_codes.spend(uow, [payer_codes.taken(order.presented, intent_id=intent.id, order_id=None, at=uow.now)])
    return intent
