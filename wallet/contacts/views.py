"""The doors of the contact list: add by a scanned card, answer a request, give a name, remove."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify

from shared.codes.payloads import ContactCard
from shared.codes.refusals import CodeRefused, UnknownKey
from shared.web import body, sessions
from wallet import service
from wallet.contacts import actions
from wallet.contacts.actions import Friend
from wallet.scan import opened

doors = Blueprint("contacts", __name__)


class NotACard(CodeRefused):
    """A genuine code, but not a contact card."""

    code = "not_a_card"


def told(friend: Friend) -> dict[str, str]:
    """A contact as the API tells of it."""
    return {name: value for name, value in asdict(friend).items() if name != "party_id"}


@doors.get("/api/contacts")
def list_contacts() -> Response:
    """Everybody in the list, requests that wait first."""
    friends = service.read(actions.list_of, owner_id=sessions.required().party_id)
    return jsonify({"contacts": [told(friend) for friend in friends]})


@doors.post("/api/contacts")
def add() -> Response:
    """Add the owner of a scanned card."""
    session = sessions.required()
    code = service.read(opened.open_text, text=body.read().text("card"))
    if not isinstance(code.payload, ContactCard):
        raise NotACard()
    if code.sealed_by is None:
        raise UnknownKey(kid=code.kid_hex)
    friend = service.run(actions.add, owner_id=session.party_id, handle=code.sealed_by.handle, kid=code.kid_hex)
    return jsonify(told(friend))


@doors.post("/api/contacts/<handle>/accept")
def accept(handle: str) -> Response:
    """Say yes to a request."""
    friend = service.run(actions.accept, owner_id=sessions.required().party_id, handle=handle)
    return jsonify(told(friend))


@doors.patch("/api/contacts/<handle>")
def rename(handle: str) -> Response:
    """Give a contact a name; an empty one takes it back."""
    session = sessions.required()
    alias = body.read().text("alias")
    return jsonify(told(service.run(actions.rename, owner_id=session.party_id, handle=handle, alias=alias)))


@doors.delete("/api/contacts/<handle>")
def remove(handle: str) -> Response:
    """Take somebody off the list, or decline their request."""
    service.run(actions.remove, owner_id=sessions.required().party_id, handle=handle)
    return jsonify({})
