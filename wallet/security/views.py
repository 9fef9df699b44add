"""The doors of safety: devices, freezing, limits."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from shared.payments import limits
from shared.payments.limits import Limits
from shared.web import body, sessions
from wallet import service
from wallet.security import actions, devices

doors = Blueprint("security", __name__)


@doors.get("/api/devices")
def list_devices() -> Response:
    """The person's devices, this one first."""
    found = service.read(devices.of_person, session=sessions.required())
    return jsonify({"devices": [device.as_json() for device in found]})


@doors.post("/api/devices/<kid>/revoke")
def revoke(kid: str) -> Response:
    """Give a device up."""
    service.run(actions.revoke, session=sessions.required(), kid=kid)
    return jsonify({})


@doors.post("/api/devices/others/revoke")
def revoke_others() -> Response:
    """Give up every device but this one."""
    service.run(actions.revoke_others, session=sessions.required())
    return jsonify({})


@doors.post("/api/freeze")
def freeze() -> Response:
    """Stop the person's own outgoing money."""
    service.run(actions.freeze, party_id=sessions.required().party_id)
    return jsonify({"is_frozen": True})


@doors.post("/api/freeze/lift")
def lift() -> Response:
    """Let it go out again, by a confirmation where a PIN is set."""
    session, given = sessions.required(), body.read()
    service.run(actions.lift, party_id=session.party_id, confirmation=given.optional_text("confirmation"))
    return jsonify({"is_frozen": False})


@doors.get("/api/limits")
def tell_limits() -> Response:
    """The person's limits, and what has gone out today."""
    party_id = sessions.required().party_id
    return jsonify(_told(party_id, service.read(limits.of, party_id=party_id)))


@doors.post("/api/limits")
def set_limits() -> Response:
    """Set both limits; `daily_minor` null is none. Raising one takes a confirmation."""
    session, given = sessions.required(), body.read()
    found = service.run(
        actions.set_limits,
        party_id=session.party_id,
        no_pin_minor=given.integer("no_pin_minor"),
        daily_minor=given.optional_integer("daily_minor"),
        confirmation=given.optional_text("confirmation"),
    )
    return jsonify(_told(session.party_id, found))


def _told(party_id: str, found: Limits) -> dict[str, object]:
    spent = service.read(limits.spent_today, party_ids=[party_id])[party_id]
    return {"no_pin_minor": found.no_pin_minor, "daily_minor": found.daily_minor, "spent_today_minor": spent}
