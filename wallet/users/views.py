"""The doors of joining, of the PIN and of the session."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from shared.db import outbox
from shared.errors import NotFound
from shared.identity import names
from shared.web import body, sessions, visits
from shared.web.sessions import Session
from wallet import service
from wallet.security import actions as security
from wallet.users import actions, pins, queries, returning
from wallet.users.queries import Me

doors = Blueprint("users", __name__)


def me_of(session: Session) -> Me:
    """The signed-in person, freshly read."""
    return service.read(queries.me, party_id=session.party_id, kid=session.holder)


def _told(party_id: str, kid: str) -> dict[str, object]:
    me = service.read(queries.me, party_id=party_id, kid=kid)
    return me.as_json(service.config().wallet_url)


@doors.post("/api/handles")
def suggest_handle() -> Response:
    """A free handle for a name, and what a phone must know to seal its first card."""
    name = names.check_name(body.read().text("display_name"))
    handle = service.read(actions.suggested_handle, display_name=name)
    now_ms = service.read(lambda reader: reader.now)
    return jsonify({"handle": handle, "realm": service.read(outbox.realm), "now_ms": now_ms})


@doors.post("/api/users")
def sign_up() -> tuple[Response, int]:
    """Make a new person with an account, a key and a session."""
    given = body.read()
    person, kid, token = actions.join(
        service.store(),
        display_name=given.text("display_name"),
        handle=given.text("handle"),
        pin=given.optional_text("pin"),
        card_text=given.optional_text("card"),
        unit=service.unit(),
        secret=service.secret(),
    )
    if given.flag("bearer"):
        return jsonify(_told(person.id, kid) | {"session": token}), 201
    return sessions.remember(jsonify(_told(person.id, kid)), token), 201


@doors.post("/api/tickets")
def look_at_ticket() -> Response:
    """Whom a launcher's ticket lets in, so that the phone can seal that person's card. Uses nothing up."""
    person = returning.of_ticket(service.store(), text=_ticket_text(), secret=service.secret())
    realm, now_ms = service.read(outbox.realm), service.read(lambda reader: reader.now)
    return jsonify({"handle": person.handle, "display_name": person.display_name, "realm": realm, "now_ms": now_ms})


@doors.post("/api/join")
def join() -> Response:
    """Sign this browser in as the seeded person that a launcher's ticket names."""
    text, card = _ticket_text(), body.read().optional_text("card")
    person, kid, token = returning.join_by_ticket(service.store(), text=text, card_text=card, secret=service.secret())
    return sessions.remember(jsonify(_told(person.id, kid)), token)


def _ticket_text() -> str:
    if not service.config().is_demo:
        raise NotFound()
    return body.read().text("ticket")


@doors.post("/api/session")
def sign_in() -> Response:
    """Sign a known person in by handle and PIN; the `confirmation` lets the phone bring its own key."""
    given = body.read()
    person, kid, token, confirmation = returning.sign_in(
        service.store(),
        handle=given.text("handle"),
        pin=given.text("pin"),
        address=service.address(),
        secret=service.secret(),
        device=visits.here()[0],
    )
    return sessions.remember(jsonify(_told(person.id, kid) | {"confirmation": confirmation}), token)


@doors.get("/api/me")
def tell_me() -> Response:
    """Who is signed in here."""
    return jsonify(me_of(sessions.required()).as_json(service.config().wallet_url))


@doors.post("/api/keys")
def replace_key() -> Response:
    """Give the person a new key on this phone, in place of the session's, which is worthless from now on."""
    session, given = sessions.required(), body.read()
    kid, token = returning.replace_key(
        service.store(),
        session=session,
        card_text=given.optional_text("card"),
        confirmation=given.optional_text("confirmation"),
        secret=service.secret(),
    )
    return sessions.remember(jsonify(_told(session.party_id, kid)), token)


@doors.post("/api/pin")
def set_pin() -> Response:
    """Set the first PIN."""
    session = sessions.required()
    pin_hash = pins.hashed(body.read().text("pin"))
    service.run(pins.set_first, party_id=session.party_id, pin_hash=pin_hash)
    return jsonify({})


@doors.post("/api/pin/change")
def change_pin() -> Response:
    """Set another PIN by the old one."""
    session, given = sessions.required(), body.read()
    old, new = given.text("old"), given.text("new")
    pins.change(service.store(), party_id=session.party_id, old=old, new=new, address=service.address())
    return jsonify({})


@doors.post("/api/confirmations")
def confirm() -> Response:
    """Check the PIN; a confirmation for one payment."""
    session = sessions.required()
    pin = body.read().text("pin")
    token = pins.confirm(service.store(), party_id=session.party_id, pin=pin, address=service.address())
    return jsonify({"confirmation": token})


@doors.post("/api/session/end")
def sign_out() -> Response:
    """End this session and give up this phone's key."""
    service.run(security.sign_out, session=sessions.required())
    return sessions.forget(jsonify({}))
