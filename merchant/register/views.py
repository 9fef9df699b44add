"""The doors that the register's scripts call: charge a cart, a part of it, again; cancel, give up; park, take up."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from merchant import service
from merchant.register import actions, cart, charging, parking, ringing
from merchant.register.actions import Stand
from merchant.staff.roles import Role, needs
from shared import clock
from shared.web import body

doors = Blueprint("register", __name__, url_prefix="/api/sales")
parked = Blueprint("parked", __name__, url_prefix="/api/parked")


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
    sale = service.run(actions.stop, sale_id=id, at=_stand())
    return jsonify({"id": sale.id, "state": sale.state.value})


@parked.get("")
@needs(Role.CASHIER)
def parked_carts() -> Response:
    """What the shop has parked, the oldest first."""
    found = service.read(parking.of_shop, shop_id=service.at().shop.id)
    return jsonify(
        [
            {"id": one.id, "name": one.name, "total_minor": one.total_minor, "by": one.by}
            | {"lines": len(one.cart["lines"]), "created_at": clock.rfc3339(one.created_at)}  # type: ignore[arg-type]
            for one in found
        ]
    )


@parked.post("")
@needs(Role.CASHIER)
def park() -> tuple[Response, int]:
    """Put a cart aside under a name."""
    given = body.read().only("name", "cart")
    wanted = given.part("cart").only(*cart.FIELDS)
    bill = service.read(ringing.rung_up, shop_id=service.at().shop.id, cart=cart.read(wanted))
    name, total = given.optional_text("name") or "", bill.priced.total_minor
    id = service.run(parking.park, at=_stand(), name=name, cart=wanted.as_dict(), total_minor=total)
    return jsonify({"id": id}), 201


@parked.post("/<id>/take")
@needs(Role.CASHIER)
def take_up(id: str) -> Response:
    """Give a parked cart back to this register; nobody else finds it any more."""
    return jsonify(service.run(parking.take_up, at=_stand(), id=id))


@parked.post("/<id>/discard")
@needs(Role.CASHIER)
def throw_away(id: str) -> Response:
    """Forget a parked cart."""
    service.run(parking.throw_away, at=_stand(), id=id)
    return jsonify({})


def _stand() -> Stand:
    at = service.at()
    return Stand(at.shop.id, at.member.id, at.terminal.id)
