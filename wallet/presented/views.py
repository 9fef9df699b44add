"""The doors of the payer code: its number, the code itself where the server holds the key, and what a shop asks for."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from shared import clock
from shared.ids import is_id
from shared.payments import intents, numbers, presented
from shared.web import body, sessions, wire
from wallet import service
from wallet.presented import codes

doors = Blueprint("presented", __name__)


@doors.post("/api/payer_code")
def seal_code() -> Response:
    """A payer code, for a browser that cannot keep a key of its own."""
    session = sessions.required()
    frame, code = service.read(codes.sealed, session=session, secret=service.secret())
    expires_at = clock.rfc3339((code.issued_at_s + code.ttl_s) * 1000)
    return jsonify({"code": service.code_text(frame), "cap_minor": code.cap_minor, "expires_at": expires_at})


@doors.post("/api/payer_code/number")
def number_code() -> Response:
    """The 18 digits under the payer code that this phone shows."""
    session, text = sessions.required(), body.read().only("code").text("code")
    opened = service.read(codes.opened, session=session, text=text)
    issued = service.run(numbers.issue, opened=opened)
    return jsonify({"number": issued.number, "expires_at": clock.rfc3339(issued.expires_at)})


@doors.get("/api/confirmations")
def list_confirmations() -> Response:
    """The charges above the no-PIN limit that wait for this person."""
    found = service.read(codes.asked, party_id=sessions.required().party_id)
    return jsonify({"data": [asked.as_json() for asked in found]})


@doors.post("/api/confirmations/<intent>/decline")
def decline(intent: str) -> Response:
    """Say no to a charge; the till hears of it."""
    party_id = sessions.required().party_id
    if not is_id(intent, "pi"):
        raise intents.UnknownIntent()
    declined = service.run(presented.decline, intent_id=intent, party_id=party_id)
    wire.about(shop_id=declined.shop_id, intent_id=declined.id)
    return jsonify({"intent": declined.id, "status": declined.state.value})
