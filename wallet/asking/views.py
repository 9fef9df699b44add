"""The doors of requests for money: send one, answer one, take one back, switch them off."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from shared.web import body, sessions
from shared.web.sessions import Session
from wallet import service
from wallet.asking import actions, queries
from wallet.asking.queries import MoneyRequest
from wallet.transfers import requests

doors = Blueprint("asking", __name__)


def told(session: Session, *requests: MoneyRequest) -> list[dict[str, Any]]:
    """Requests as the API tells of them, each with its code: whoever pays it presents that."""
    seen = service.read(queries.people_of, viewer_id=session.party_id, requests=requests)
    return [row.as_json(seen[row.asker_id], seen[row.payer_id], service.code_text(row.code)) for row in requests]


@doors.get("/api/money-requests")
def list_requests() -> Response:
    """The newest requests of both directions, whatever became of them."""
    session = sessions.required()
    received = service.read(queries.asked_of, party_id=session.party_id)
    sent = service.read(queries.asked_by, party_id=session.party_id)
    return jsonify({"received": told(session, *received), "sent": told(session, *sent)})


@doors.post("/api/money-requests")
def ask() -> tuple[Response, int]:
    """Ask a contact for money, by a `request` that the phone sealed, or with the key that the server holds."""
    session, given = sessions.required(), body.read()
    payer = given.text("payer")
    if given.has("request"):
        code = service.read(requests.opened, session=session, text=given.text("request"), unit=service.unit())
    else:
        code = service.read(requests.sealed, session=session, given=given, unit=service.unit(), secret=service.secret())
    made = service.run(actions.ask, asker_id=session.party_id, payer=payer, code=code)
    return jsonify(told(session, made)[0]), 201


@doors.get("/api/money-requests/<id>")
def tell(id: str) -> Response:
    """One request."""
    session = sessions.required()
    return jsonify(told(session, service.read(queries.by_id, id=id, party_id=session.party_id))[0])


@doors.post("/api/money-requests/<id>/decline")
def decline(id: str) -> Response:
    """Say no."""
    session = sessions.required()
    return jsonify(told(session, service.run(actions.decline, party_id=session.party_id, id=id))[0])


@doors.post("/api/money-requests/<id>/withdraw")
def withdraw(id: str) -> Response:
    """Take one's own request back."""
    session = sessions.required()
    return jsonify(told(session, service.run(actions.withdraw, party_id=session.party_id, id=id))[0])


@doors.put("/api/money-requests/preference")
def set_preference() -> Response:
    """Take requests for money (`takes_requests`), or none at all."""
    session, given = sessions.required(), body.read()
    takes = given.required_flag("takes_requests")
    service.run(actions.set_takes_requests, party_id=session.party_id, takes=takes)
    return jsonify({"takes_requests": takes})


@doors.put("/api/contacts/<handle>/requests")
def set_block(handle: str) -> Response:
    """Take requests for money from this person (`takes_requests`), or none."""
    session, given = sessions.required(), body.read()
    takes = given.required_flag("takes_requests")
    service.run(actions.set_block, owner_id=session.party_id, handle=handle, is_blocked=not takes)
    return jsonify({"takes_requests": takes})
