"""The merchant API, /v1: a shop's programs charge, look, cancel, capture, void and refund by bearer key.

Amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request

from merchant import service
from merchant.api import entry
from merchant.checkout import actions, afterwards, presenting, sales, static_code
from shared import money
from shared.errors import BadInput
from shared.payments import intents, refunds
from shared.web import body
from shared.web.body import Body

doors = entry.doors_of("api")


class ForeignCurrency(BadInput):
    """A currency that exists and that this installation does not run on."""

    code = "foreign_currency"


@doors.post("/payment_intents")
def create_intent() -> tuple[Response, int]:
    """Make a payment intent."""
    given = body.read().only("amount_minor", "currency", "reference", "memo", "ttl_s", "capture_method")
    intent = actions.drafted(
        service.store(),
        service.signers(),
        shop=entry.shop(),
        unit=_unit(given),
        amount_minor=given.integer("amount_minor"),
        reference=given.optional_text("reference") or "",
        memo=given.optional_text("memo") or "",
        ttl_s=given.integer("ttl_s") if given.has("ttl_s") else intents.USUAL_TTL_S,
        capture_method=given.optional_text("capture_method") or intents.AUTOMATIC,
    )
    return _answered(actions.charge, given, intent=intent), 201


@doors.get("/payment_intents/<id>")
def show_intent(id: str) -> Response:
    """How a payment intent stands."""
    return jsonify(
        service.read(sales.sale_of_shop, id=id, shop_id=entry.shop().id).as_json(service.config().wallet_url)
    )


@doors.post("/payment_intents/<id>/cancel")
def cancel_intent(id: str) -> Response:
    """Withdraw an unpaid payment intent."""
    return _answered(intents.cancel, _optional_body().only(), intent_id=sales.checked(id), shop_id=entry.shop().id)


@doors.post("/payment_intents/<id>/charge")
def charge_intent(id: str) -> Response:
    """Charge the payment intent to the payer code that a phone shows: text, digits, or the number under it."""
    return jsonify(presenting.charged(shop=entry.shop(), id=id, given=body.read().only("code")))


@doors.post("/payment_intents/<id>/capture")
def capture_intent(id: str) -> Response:
    """Take what was authorized, or a part of it; the rest is released."""
    given = _optional_body().only("amount_minor")
    return jsonify(afterwards.captured(shop_id=entry.shop().id, id=id, given=given))


@doors.post("/payment_intents/<id>/void")
def void_intent(id: str) -> Response:
    """Release what was authorized."""
    return jsonify(afterwards.voided(shop_id=entry.shop().id, id=id, given=_optional_body().only()))


@doors.post("/refunds")
def create_refund() -> tuple[Response, int]:
    """Give back what was captured, or a part of it."""
    given = body.read().only("payment_intent", "amount_minor", "reason")
    return jsonify(afterwards.refunded(shop_id=entry.shop().id, id=given.text("payment_intent"), given=given)), 201


@doors.get("/refunds/<id>")
def show_refund(id: str) -> Response:
    """One refund."""
    return jsonify(sales.refund_as_json(service.read(refunds.of_shop, id=id, shop_id=entry.shop().id)))


@doors.get("/refunds")
def list_refunds() -> Response:
    """The refunds of a payment intent, oldest first, a page at a time."""
    intent_id, after = request.args.get("payment_intent"), request.args.get("after")
    if intent_id is None or set(request.args) - {"payment_intent", "after"}:
        raise BadInput(field="payment_intent")
    found, has_more = service.read(sales.refunds_of, id=intent_id, shop_id=entry.shop().id, after=after)
    return jsonify({"object": "list", "data": [sales.refund_as_json(refund) for refund in found], "has_more": has_more})


@doors.get("/static_code")
def show_static_code() -> Response:
    """The shop's printed code."""
    frame = static_code.static_frame(service.store(), service.signers(), shop=entry.shop(), unit=service.unit())
    return jsonify({"code": service.code_text(frame)})


def _optional_body() -> Body:
    return body.read() if request.content_length else Body({})


def _unit(given: Body) -> money.Currency:
    """The installation's currency, which is also the only one that a caller may name."""
    unit = service.unit()
    if given.has("currency"):
        named = money.currency(given.text("currency", longest=8))
        if named != unit:
            raise ForeignCurrency(currency=named.code, expected=unit.code)
    return unit


def _answered(action: Callable[..., intents.PaymentIntent], given: Body, **args: Any) -> Response:
    """Run the action once per Idempotency-Key; the intent as it stood when it ran."""
    return jsonify(afterwards.run_once(entry.shop().id, given, afterwards.shown(action), **args))
