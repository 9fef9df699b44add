"""The doors of the contact list: add by a scanned card, answer a request, give a name, remove."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, g, jsonify

from shared.codes.payloads import ContactCard
from shared.codes.refusals import CodeRefused, UnknownKey
from shared.identity import keys, parties
from shared.web import body, sessions
from wallet import service
from wallet.contacts import actions, safety, vcard
from wallet.contacts.actions import Friend
from wallet.contacts.safety import Safety
from wallet.scan import opened

doors = Blueprint("contacts", __name__)


class NotACard(CodeRefused):
    """A genuine code, but not a contact card."""

    code = "not_a_card"


def told(friend: Friend) -> dict[str, str]:
    """A contact as the API tells of it."""
    return {name: value for name, value in asdict(friend).items() if name not in ("party_id", "known_kids")}


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


@doors.get("/api/contacts/<handle>/safety")
def tell_safety(handle: str) -> Response:
    """The safety number of the two, and whether the contact has a key that was not checked."""
    return jsonify(_told_safety(safety.of_contact(service.store(), owner_id=_me(), handle=handle)))


@doors.post("/api/contacts/<handle>/checked")
def check(handle: str) -> Response:
    """Take the contact's keys for theirs: the person has compared `safety_number` with them."""
    owner_id, number = _me(), body.read().text("safety_number")
    return jsonify(_told_safety(safety.check(service.store(), owner_id=owner_id, handle=handle, number=number)))


def _told_safety(found: Safety) -> dict[str, object]:
    return {"safety_number": found.number, "kids": found.kids, "new_kids": found.new_kids, "made_of": found.made_of}


def _me() -> str:
    return sessions.required().party_id


@doors.get("/card.vcf")
def my_vcard() -> Response:
    """My card, for the address book of somebody's phone."""
    session = sessions.required()
    person, card = service.read(parties.by_id, id=session.party_id), service.read(keys.find, kid=session.holder)
    return _vcard(person.handle, person.display_name, card.card if card else "")


@doors.get("/contacts/<handle>/card.vcf")
def vcard_of(handle: str) -> Response:
    """A contact's card, under the name that I gave them."""
    friend = service.read(actions.friend, owner_id=sessions.required().party_id, handle=handle)
    known = service.read(keys.of_party, party_id=friend.party_id)
    good = sorted(
        (key for key in known if key.revoked_at is None and key.card), key=lambda key: key.kid_hex == friend.pinned_kid
    )
    return _vcard(handle, friend.shown_name, good[-1].card if good else "")


def _vcard(handle: str, name: str, digits: str) -> Response:
    link = f"{service.config().wallet_url}/q#{digits}" if digits else None
    text = vcard.vcard(handle=handle, display_name=name, link=link, product=g.say("app.name"))
    response = Response(text, mimetype="text/vcard")
    response.headers["Content-Disposition"] = f'attachment; filename="{handle}.vcf"'
    return response
