"""Which payment intent an order acts on, and whether it may: the judging that execution does under the head lock.

A payment finds its intent by shop and number; a shop's own order names it in the memo. Nothing is changed here.
"""

from __future__ import annotations

from shared.codes.payloads import OrderKind
from shared.codes.refusals import CodeExpired
from shared.errors import BadInput, Conflict
from shared.identity.parties import Known
from shared.payments import effects, intents, kinds
from shared.payments.intents import PaymentIntent
from shared.payments.orders import Prepared
from shared.payments.states import IntentAlreadyPaid, IntentClosed, IntentState, OutcomePending, advance


class AmountMismatch(BadInput):
    """The order's amount or currency is not the intent's."""

    code = "amount_mismatch"


class WrongOrderKind(BadInput):
    """The intent is captured by hand and the order would pay it at once, or the other way round."""

    code = "wrong_order_kind"


class CaptureTooMuch(BadInput):
    """More than was authorized."""

    code = "capture_exceeds_authorized"


class RefundTooMuch(Conflict):
    """More than is left of what was captured. `left_minor` says how much that is."""

    code = "refund_exceeds_captured"


class AwaitsConfirmation(Conflict):
    """The phone whose payer code was charged is being asked: only its owner can pay this now."""

    code = "awaits_confirmation"


def paid(found: PaymentIntent | None, prepared: Prepared, shop: Known, now: int) -> PaymentIntent:
    """The intent that a person pays or authorizes, as it stands; one made on the spot for a static code."""
    order = prepared.order
    if order.subject is None and order.kind == OrderKind.PAY:
        return effects.counter_sale(prepared, shop, now)
    if found is None or order.subject is None:
        raise intents.UnknownIntent()
    intent = found.as_of(now)
    if intent.state is IntentState.EXPIRED:
        raise CodeExpired(expired_at_s=intent.expires_at // 1000)
    if intent.state is IntentState.REQUIRES_CONFIRMATION and intent.payer_id != prepared.signer_id:
        raise AwaitsConfirmation()
    return _payable(intent, prepared)


def charged(found: PaymentIntent | None, prepared: Prepared, shop: Known, now: int) -> PaymentIntent:
    """The intent that a shop charges to a payer code."""
    if found is None or found.shop_id != shop.id:
        raise intents.UnknownIntent()
    intent = found.as_of(now)
    if intent.state is IntentState.REQUIRES_CONFIRMATION:
        raise AwaitsConfirmation()
    return _payable(intent, prepared)


def followed_up(found: PaymentIntent | None, prepared: Prepared, shop: Known, payer: Known, now: int) -> PaymentIntent:
    """The intent that a shop captures, voids or refunds, when there is that much to capture, release or give back.

    The operator makes good what any shop has captured.
    """
    order = prepared.order
    jti = order.subject and order.subject.hex()
    is_theirs = found is not None and (order.kind == OrderKind.MAKE_GOOD or found.shop_id == shop.id)
    if found is None or not is_theirs or found.jti != jti:
        raise intents.UnknownIntent()
    intent = found.as_of(now)
    if order.kind in kinds.GIVES_BACK:
        if intent.state is not IntentState.CAPTURED:
            raise IntentClosed(state=intent.state.value)
        left = intent.captured_minor - intent.refunded_minor
        if order.amount_minor > left:
            raise RefundTooMuch(left_minor=left)
    elif intent.state is not IntentState.AUTHORIZED:
        raise IntentClosed(state=intent.state.value)
    elif order.amount_minor > intent.amount_minor:
        raise CaptureTooMuch()
    elif order.kind == OrderKind.VOID and order.amount_minor != intent.amount_minor:
        raise AmountMismatch()
    if (intent.payer_id, intent.currency) != (payer.id, prepared.currency):
        raise AmountMismatch()
    return intent


def _payable(intent: PaymentIntent, prepared: Prepared) -> PaymentIntent:
    """The intent, when nobody has paid it and the order is of its kind and amount."""
    is_manual = intent.capture_method == intents.MANUAL
    if intent.state is IntentState.AUTHORIZED:
        raise IntentAlreadyPaid()
    if intent.state is IntentState.UNKNOWN and prepared.accepted_at is None:
        raise OutcomePending()
    advance(intent.state, IntentState.AUTHORIZED if is_manual else IntentState.CAPTURED)
    if is_manual != (prepared.order.kind in kinds.HOLDS):
        raise WrongOrderKind()
    if (intent.amount_minor, intent.currency) != (prepared.order.amount_minor, prepared.currency):
        raise AmountMismatch()
    return intent
