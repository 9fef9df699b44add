"""The doors that the till's own scripts call: charge, look, cancel, make a new code, capture, void, refund."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from merchant import service
from merchant.catalog import queries as catalog
from merchant.checkout import actions, afterwards, basket, presenting, sales
from shared import money
from shared.errors import BadInput
from shared.identity import parties, wording
from shared.payments import intents
from shared.web import body, sessions
from shared.web.body import Body

doors = Blueprint("checkout", __name__, url_prefix="/api/sales")
MOST_LINES, MOST_OF_ONE = 50, 999


@doors.post("")
def charge() -> tuple[Response, int]:
    """Make a sale of goods, a typed amount, or both."""
    shop_id, given = sessions.required().party_id, body.read()
    lines, typed_minor = _lines(shop_id, given.part("goods")), given.integer("typed_minor")
    if typed_minor < 0:
        raise money.InvalidAmount(amount=typed_minor)
    intent = _drafted(
        shop_id,
        amount_minor=basket.total_minor(lines, typed_minor),
        reference=wording.fitted(given.text("reference"), actions.REFERENCE_BYTES),
        memo=basket.memo(lines),
        capture_method=intents.MANUAL if given.flag("is_manual") else intents.AUTOMATIC,
    )
    service.run(actions.charge, intent=intent)
    return jsonify(_shown(shop_id, intent.id)), 201


@doors.post("/<id>/again")
def charge_again(id: str) -> tuple[Response, int]:
    """Make a new code for the same sale; the old one cannot be paid any more."""
    shop_id = sessions.required().party_id
    old = service.read(sales.sale_of_shop, id=id, shop_id=shop_id).intent
    intent = _drafted(
        shop_id,
        amount_minor=old.amount_minor,
        reference=old.reference,
        memo=old.memo,
        capture_method=old.capture_method,
    )
    service.run(actions.charge_again, old_id=old.id, intent=intent)
    return jsonify(_shown(shop_id, intent.id)), 201


@doors.post("/<id>/cancel")
def cancel(id: str) -> Response:
    """Withdraw a sale that nobody has paid."""
    shop_id = sessions.required().party_id
    service.run(intents.cancel, intent_id=sales.checked(id), shop_id=shop_id)
    return jsonify(_shown(shop_id, id))


@doors.post("/<id>/present")
def present(id: str) -> Response:
    """Charge a sale to the pay code that a customer's phone shows: scanned, or typed as its 18 digits."""
    shop = service.read(parties.by_id, id=sessions.required().party_id)
    presenting.charged(shop=shop, id=id, given=body.read().only("code"))
    return jsonify(_shown(shop.id, id))


@doors.post("/<id>/capture")
def capture(id: str) -> Response:
    """Take what was authorized, or a part of it."""
    given = body.read().only("amount_minor")
    return jsonify(afterwards.captured(shop_id=sessions.required().party_id, id=id, given=given))


@doors.post("/<id>/void")
def void(id: str) -> Response:
    """Release what was authorized."""
    return jsonify(afterwards.voided(shop_id=sessions.required().party_id, id=id, given=body.read().only()))


@doors.post("/<id>/refund")
def refund(id: str) -> tuple[Response, int]:
    """Give back what was captured, or a part of it."""
    given = body.read().only("amount_minor", "reason")
    given = Body(given.as_dict() | {"reason": wording.fitted(given.text("reason"), actions.REASON_BYTES)})
    return jsonify(afterwards.refunded(shop_id=sessions.required().party_id, id=id, given=given)), 201


@doors.get("/<id>")
def look(id: str) -> Response:
    """How a sale stands."""
    return jsonify(_shown(sessions.required().party_id, id))


def _shown(shop_id: str, id: str) -> dict[str, object]:
    return service.read(sales.detail, id=id, shop_id=shop_id).as_json(service.config().wallet_url)


def _drafted(
    shop_id: str, *, amount_minor: int, reference: str, memo: str, capture_method: str
) -> intents.PaymentIntent:
    return actions.drafted(
        service.store(),
        service.signers(),
        shop=service.read(parties.by_id, id=shop_id),
        unit=service.unit(),
        amount_minor=amount_minor,
        reference=reference,
        memo=memo,
        capture_method=capture_method,
    )


def _lines(shop_id: str, wanted: Body) -> list[basket.Line]:
    """The goods of a sale, in the order in which they were tapped; `{id: quantity}`."""
    names = wanted.names()
    quantities = {name: wanted.integer(name) for name in names}
    if len(names) > MOST_LINES or not all(1 <= quantity <= MOST_OF_ONE for quantity in quantities.values()):
        raise BadInput(field="goods")
    known = service.read(catalog.sellable, shop_id=shop_id, ids=names)
    return [basket.Line(known[id].name, known[id].price_minor, quantity) for id, quantity in quantities.items()]
