"""The doors of signing in by another phone: three for the browser that asks, three for the phone that answers."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, g, jsonify, request

from shared import clock
from shared.codes import render
from shared.db import outbox
from shared.identity import names
from shared.web import body, security, sessions, visits
from wallet import service
from wallet.logins import actions
from wallet.users import queries, returning

doors = Blueprint("logins", __name__)


@doors.post("/api/logins")
def ask() -> Response:
    """A code for this browser to show; its other half goes into a cookie that no script can read."""
    body.read()
    code, browser = secrets.token_urlsafe(16), secrets.token_urlsafe(24)
    device, address = visits.here()
    asked = service.run(actions.ask, code=code, browser=browser, device=device, address=address)
    text = actions.link(service.config().wallet_url, code)
    drawing = render.qr_svg(text, g.say("login.code_label"))
    answer = jsonify({"login": text, "svg": drawing, "expires_at": clock.rfc3339(asked.expires_at)})
    manners = security.cookie_manners() | {"max_age": actions.TTL_MS // 1000, "samesite": "Strict"}
    answer.set_cookie(security.cookie_name("login"), browser, **manners)  # type: ignore[arg-type]
    return answer


@doors.get("/api/logins/state")
def state() -> Response:
    """How this browser's request stands; once somebody's phone has said yes, who that is."""
    found, person = service.read(actions.seen_by_browser, browser=_browser())
    if person is None or found not in ("scanned", "approved"):
        return jsonify({"state": found})
    if found == "scanned":  # whoever sent the link is not to learn who has opened it
        return jsonify({"state": found, "display_name": names.initial_only(person.display_name)})
    realm, now_ms = service.read(outbox.realm), service.read(lambda reader: reader.now)
    who = {"handle": person.handle, "display_name": person.display_name}
    return jsonify({"state": found, **who, "realm": realm, "now_ms": now_ms})


@doors.post("/api/logins/enter")
def enter() -> Response:
    """Come in, after a phone has said yes: with the card of this browser's own key, or with one made here."""
    card_text, browser = body.read().optional_text("card"), _browser()
    found, person = service.read(actions.seen_by_browser, browser=browser)
    if person is None or found != "approved":
        raise actions.LoginNotApproved() if found != "gone" else actions.LoginGone()
    card = returning.card_of(service.store(), person, card_text, service.secret())
    token = sessions.new_token()
    service.run(actions.enter, browser=browser, card=card, token=token)
    me = service.read(queries.me, party_id=person.id, kid=card.public_key.kid_hex)
    answer = jsonify(me.as_json(service.config().wallet_url))
    security.forget_cookie(answer, security.cookie_name("login"))
    return sessions.remember(answer, token)


@doors.post("/api/logins/look")
def look() -> Response:
    """Which browser asks, where it is, and whether that is this phone's own network."""
    session, code = sessions.required(), _code()
    asked = service.run(actions.scan, code=code, party_id=session.party_id)
    return jsonify(
        {
            "device": asked.device,
            "address": asked.address,
            "is_same_network": visits.is_same_network(asked.address, service.address()),
            "expires_at": clock.rfc3339(asked.expires_at),
        }
    )


@doors.post("/api/logins/approve")
def approve() -> Response:
    """Let the browser in, by a confirmation where a PIN is set."""
    return _answer(is_yes=True)


@doors.post("/api/logins/refuse")
def refuse() -> Response:
    """Send the browser away."""
    return _answer(is_yes=False)


def _answer(*, is_yes: bool) -> Response:
    session, code = sessions.required(), _code()
    confirmation = body.read().optional_text("confirmation")
    service.run(actions.answer, code=code, party_id=session.party_id, is_yes=is_yes, confirmation=confirmation)
    return jsonify({})


def _code() -> str:
    """The code in the link that the phone scanned; `login_gone` for a text that is none."""
    code = actions.code_of_text(body.read().text("login"))
    if code is None:
        raise actions.LoginGone()
    return code


def _browser() -> str:
    return request.cookies.get(security.cookie_name("login"), "")
