"""The door that a phone compares its clock with."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from shared import clock

doors = Blueprint("phones", __name__)


@doors.get("/api/now")
def now() -> Response:
    """This computer's own time, in milliseconds: not the installation's, which a sandbox may move."""
    return jsonify({"now_ms": clock.system_now()})
