"""The doors that the shift's page calls: open, cash in and out, close."""

from __future__ import annotations

import re

from flask import Blueprint, Response, jsonify

from merchant import service
from merchant.checkout import afterwards
from merchant.checkout.afterwards import Shown
from merchant.shifts import actions
from merchant.staff.roles import Role, needs
from shared import money
from shared.db.unit import UnitOfWork
from shared.errors import BadInput
from shared.identity import wording
from shared.web import body
from shared.web.body import Body

doors = Blueprint("shift_scripts", __name__, url_prefix="/api/shifts")
_NOTHING = re.compile(r"0*(?:\.0*)?\Z", re.ASCII)


@doors.post("")
@needs(Role.CASHIER)
def open_shift() -> tuple[Response, int]:
    """Open a shift at this till, with the cash that lies in its drawer."""
    given = body.read().only("float")
    return jsonify({"id": service.run(actions.open_shift, at=service.at(), float_minor=_minor(given, "float")).id}), 201


@doors.post("/<id>/cash")
@needs(Role.CASHIER)
def move_cash(id: str) -> Response:
    """Cash into the drawer (`in`) or out of it (`out`), and why; once per Idempotency-Key."""
    given = body.read().only("direction", "amount", "reason")
    direction = given.text("direction")
    if direction not in ("in", "out"):
        raise BadInput(field="direction")
    amount = _minor(given, "amount") * (1 if direction == "in" else -1)
    reason = wording.fitted(given.text("reason"), actions.REASON_BYTES)
    at = service.at()
    return jsonify(
        afterwards.run_once(at.shop.id, given, _moved, at=at, shift_id=id, amount_minor=amount, reason=reason)
    )


@doors.post("/<id>/close")
@needs(Role.CASHIER)
def close(id: str) -> Response:
    """Close a shift with the cash that was counted; its Z report stands from now on."""
    counted = _minor(body.read().only("counted"), "counted")
    shift = service.run(actions.close, at=service.at(), shift_id=id, counted_minor=counted)
    return jsonify({"id": shift.id, "number": shift.number})


def _moved(uow: UnitOfWork, **args: object) -> Shown:
    actions.move_cash(uow, **args)  # type: ignore[arg-type]
    return {"id": args["shift_id"]}


def _minor(given: Body, name: str) -> int:
    """A typed amount of cash in minor units; nothing at all is 0."""
    text = given.text(name, longest=32).strip().replace(",", ".")
    return 0 if _NOTHING.match(text) else money.parse_major(text, service.unit())
