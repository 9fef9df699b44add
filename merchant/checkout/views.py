"""The doors that the checkout's script calls: look, and take a pay code that a customer shows."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from merchant import service
from merchant.checkout import presenting
from merchant.register import telling
from merchant.staff.roles import Role, needs
from shared.web import body

doors = Blueprint("checkout", __name__, url_prefix="/api/sales")


@doors.post("/<id>/present")
@needs(Role.CASHIER)
def present(id: str) -> Response:
    """Charge a sale to the pay code that a customer's phone shows: scanned, or typed as its 18 digits."""
    at = service.at()
    presenting.charged_at(at=at, id=id, given=body.read().only("code"))
    return jsonify(_shown(at.shop.id, id))


@doors.get("/<id>")
@needs(Role.CASHIER)
def look(id: str) -> Response:
    """How a sale stands."""
    return jsonify(_shown(service.at().shop.id, id))


def _shown(shop_id: str, id: str) -> dict[str, object]:
    return service.read(telling.shown, id=id, shop_id=shop_id, wallet_url=service.config().wallet_url)
