"""The doors that the tills' page calls: make this browser a till of its own, revoke one."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, jsonify

from merchant import service
from merchant.staff.roles import Role, needs
from merchant.terminals import actions
from shared.web import body, security

doors = Blueprint("terminal_scripts", __name__, url_prefix="/api/terminals")


@doors.post("")
@needs(Role.MANAGER)
def move_in() -> tuple[Response, int]:
    """Make this browser a till with a key of its own; it is known by a cookie from now on."""
    token = service.run(
        actions.move_in,
        at=service.at(),
        name=body.read().only("name").text("name"),
        key=actions.new_key(service.secret()),
        token=service.browser_token(),
        fresh=secrets.token_urlsafe(32),
    )
    response = jsonify({})
    response.set_cookie(security.cookie_name(service.TERMINAL), token, **security.cookie_manners())  # type: ignore[arg-type]
    return response, 201


@doors.post("/<id>/revoke")
@needs(Role.MANAGER)
def revoke(id: str) -> Response:
    """Make a till and its key worthless from now on; what it waits to be paid for is canceled."""
    service.run(actions.revoke, at=service.at(), terminal_id=id)
    return jsonify({})
