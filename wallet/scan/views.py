"""The doors of scanning: a text or a picture in, what the code means out."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from shared.codes import read as pictures
from shared.errors import BadInput
from shared.payments import intents
from shared.web import body, sessions, wire
from shared.web.sessions import Session
from wallet import service
from wallet.logins import actions as logins
from wallet.scan import opened
from wallet.scan.opened import Scanned

doors = Blueprint("scan", __name__)

LONGEST_SCAN = 20_000
"""More than any QR code holds, so that whatever was scanned is named for what it is."""


def open_for(session: Session, text: str) -> Scanned:
    """What a code means to the person of this session; the shop is told that its request was scanned."""
    found = service.read(opened.scanned, text=text, viewer_id=session.party_id)
    if found.intent:
        wire.about(shop_id=found.payee.id, intent_id=found.intent)
    if found.intent and found.is_open:
        service.run(intents.note_scan, intent_id=found.intent, party_id=session.party_id)
    return found


@doors.post("/api/scan")
def scan() -> Response:
    """Open a scanned or pasted text."""
    session = sessions.required()
    return _told(session, body.read().text("text", longest=LONGEST_SCAN))


@doors.post("/api/scan/image")
def scan_image() -> Response:
    """Read the code in an uploaded picture, and open it."""
    session = sessions.required()
    file = request.files.get("image")
    if file is None:
        raise BadInput(field="image")
    return _told(session, pictures.read_image(file.read()))


def _told(session: Session, text: str) -> Response:
    """What a code means; of one that asks for a sign-in, only that it does: the phone's own page goes on from there."""
    if logins.code_of_text(text):
        return jsonify({"kind": "login", "text": text.strip()})
    found = open_for(session, text)
    return jsonify(found.as_json(service.code_text(found.frame)))
