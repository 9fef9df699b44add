"""What a shop orders about a sale: to capture what was authorized, to void it, to give money back.

Sealed by a key of the shop that this server holds: the one named `kid`, or the newest. The intent is named in the memo
and by its number; the other side is the payer.
"""

from __future__ import annotations

from dataclasses import replace

from shared import money
from shared.codes.payloads import OrderKind
from shared.db.unit import Reader
from shared.identity import keys, names, parties
from shared.payments import intents, orders
from shared.payments.intents import PaymentIntent
from shared.payments.orders import Prepared
from shared.payments.states import IntentClosed


def prepare_capture(
    reader: Reader,
    *,
    secret: bytes,
    shop_id: str,
    intent_id: str,
    amount_minor: int | None = None,
    kid: str | None = None,
) -> Prepared:
    """Take what was authorized, or `amount_minor` of it; the rest is the payer's again."""
    intent = intents.of_shop(reader, id=intent_id, shop_id=shop_id)
    return _prepared(reader, secret, OrderKind.CAPTURE, intent, amount_minor, kid)


def prepare_void(reader: Reader, *, secret: bytes, shop_id: str, intent_id: str, kid: str | None = None) -> Prepared:
    """Release what was authorized."""
    return _prepared(reader, secret, OrderKind.VOID, intents.of_shop(reader, id=intent_id, shop_id=shop_id), None, kid)


def prepare_refund(
    reader: Reader,
    *,
    secret: bytes,
    shop_id: str,
    intent_id: str,
    amount_minor: int | None = None,
    reason: str = "",
    kid: str | None = None,
) -> Prepared:
    """Give back `amount_minor` of what was captured; None: all that is left of it."""
    intent = intents.of_shop(reader, id=intent_id, shop_id=shop_id)
    left = intent.captured_minor - intent.refunded_minor
    asked = left or None if amount_minor is None else amount_minor
    order = _prepared(reader, secret, OrderKind.REFUND, intent, asked, kid)
    return replace(order, reason=names.check_text(reason, 120))


def _prepared(
    reader: Reader, secret: bytes, kind: OrderKind, intent: PaymentIntent, amount_minor: int | None, kid: str | None
) -> Prepared:
    if intent.payer_id is None:
        raise IntentClosed(state=intent.as_of(reader.now).state.value)
    order = orders.server_order(
        reader.now,
        kind=kind,
        payee=parties.by_id(reader, id=intent.payer_id).handle,
        amount_minor=intent.amount_minor if amount_minor is None else money.check_minor(amount_minor),
        unit=money.currency(intent.currency),
        memo=intent.id,
        subject=bytes.fromhex(intent.jti),
    )
    signer = keys.server_signer(reader, party_id=intent.shop_id, secret=secret, kid=kid)
    return orders.sealed(reader, order=order, signer_id=intent.shop_id, signer=signer)
