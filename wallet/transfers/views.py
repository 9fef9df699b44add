"""The door of collecting: a request for money in (or its making left to the server), its drawing out."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify

from shared import clock
from shared.codes import render
from shared.web import body, sessions
from wallet import service
from wallet.transfers import requests

doors = Blueprint("transfers", __name__)


@doors.post("/api/requests")
def make_request() -> Response:
    """Draw a request that the phone sealed, or seal one with the key that the server holds."""
    session, given = sessions.required(), body.read()
    if given.has("request"):
        code = service.read(requests.opened, session=session, text=given.text("request"), unit=service.unit())
    else:
        code = service.read(requests.sealed, session=session, given=given, unit=service.unit(), secret=service.secret())
    text = service.code_text(code.frame)
    drawing = render.qr_svg(text, g.say("collect.code_label"))
    return jsonify({"code": text, "svg": drawing, "expires_at": clock.rfc3339(requests.expires_at(code))})
