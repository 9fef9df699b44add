"""The doors that the people's pages call: add, make something else, give a PIN, let go."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from merchant import service
from merchant.staff import actions, members
from merchant.staff.roles import Role, needs
from shared.web import body

doors = Blueprint("staff_scripts", __name__, url_prefix="/api/people")


@doors.post("")
@needs(Role.MANAGER)
def hire() -> tuple[Response, int]:
    """Add somebody: name, role, PIN."""
    given = body.read().only("name", "role", "pin")
    member = service.run(
        actions.hire,
        at=service.at(),
        name=given.text("name"),
        role=members.role_named(given.text("role")),
        pin_hash=members.hashed(given.text("pin")),
    )
    return jsonify({"id": member.id}), 201


@doors.post("/<id>/role")
@needs(Role.MANAGER)
def assign(id: str) -> Response:
    """Make somebody something else."""
    role = members.role_named(body.read().only("role").text("role"))
    service.run(actions.assign, at=service.at(), member_id=id, role=role)
    return jsonify({"id": id})


@doors.post("/<id>/pin")
@needs(Role.CASHIER)
def give_pin(id: str) -> Response:
    """Give somebody another PIN; cashiers themselves only."""
    pin_hash = members.hashed(body.read().only("pin").text("pin"))
    service.run(actions.give_pin, at=service.at(), member_id=id, pin_hash=pin_hash)
    return jsonify({"id": id})


@doors.post("/<id>/remove")
@needs(Role.MANAGER)
def dismiss(id: str) -> Response:
    """Let somebody go."""
    service.run(actions.dismiss, at=service.at(), member_id=id)
    return jsonify({"id": id})
