"""The doors that the register's scripts call: charge a cart, another part of it, again; cancel, give up the rest."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from merchant import service
from merchant.register import actions, charging
from merchant.register.actions import Stand
from merchant.staff.roles import Role, needs
from shared.web import body

doors = Blueprint("register", __name__, url_prefix="/api/sales")


@doors.post("")
@needs(Role.CASHIER)
def charge() -> tuple[Response, int]:
    """Make a sale of a cart."""
    return jsonify(charging.charged(at=service.at(), given=body.read())), 201


@doors.post("/<id>/again")
@needs(Role.CASHIER)
def charge_again(id: str) -> tuple[Response, int]:
    """Make a new code for the same sale; the old one cannot be paid any more."""
    return jsonify(charging.charged_again(at=service.at(), id=id, given=body.read().only())), 201


@doors.post("/<id>/part")
@needs(Role.CASHIER)
def charge_part(id: str) -> tuple[Response, int]:
    """Make a code for another part of a split sale."""
    return jsonify(charging.charged_part(at=service.at(), sale_id=id, given=body.read())), 201


@doors.post("/<id>/cancel")
@needs(Role.CASHIER)
def cancel(id: str) -> Response:
    """Withdraw a sale's code that nobody has paid."""
    return jsonify(charging.canceled(at=service.at(), id=id))


@doors.post("/<id>/stop")
@needs(Role.CASHIER)
def stop(id: str) -> Response:
    """Give up what is not paid of a split sale."""
    at = service.at()
    sale = service.run(actions.stop, sale_id=id, at=Stand(at.shop.id, at.member.id, at.terminal.id))
    return jsonify({"id": sale.id, "state": sale.state.value})
