"""What the scripts of the sales' pages call: capture, void, refund, and the sale that a receipt is of."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from merchant import service
from merchant.receipts import scanned
from merchant.sales import giving
from merchant.staff.roles import Role, needs
from shared.web import body

doors = Blueprint("sales_scripts", __name__, url_prefix="/api")


@doors.post("/sales/<id>/refund")
@needs(Role.MANAGER)
def refund(id: str) -> tuple[Response, int]:
    """Give back what was captured, a part of it, or the price of lines that come back."""
    given = body.read().only("amount_minor", "reason", "lines", "to_stock")
    return jsonify(giving.refunded(id=id, given=given)), 201


@doors.post("/sales/<id>/capture")
@needs(Role.CASHIER)
def capture(id: str) -> Response:
    """Take what was authorized, or a part of it."""
    return jsonify(giving.captured(id=id, given=body.read().only("amount_minor")))


@doors.post("/sales/<id>/void")
@needs(Role.MANAGER)
def void(id: str) -> Response:
    """Release what was authorized."""
    return jsonify(giving.voided(id=id, given=body.read().only("reason")))


@doors.post("/receipts/opened")
@needs(Role.MANAGER)
def open_receipt() -> Response:
    """The sale of this shop whose receipt was scanned, pasted or typed, and what is left to give back of it."""
    text = body.read().only("text").text("text")
    found = service.read(scanned.sale_of, text=text, shop_id=service.at().shop.id, secret=service.secret())
    return jsonify({"sale": found.id, "left_minor": found.captured_minor - found.refunded_minor})
