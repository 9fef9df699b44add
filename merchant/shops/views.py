"""The doors of the till's session: sign in by PIN or by a launcher's ticket, sign out."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from merchant import seed, service
from merchant.shops import tickets
from merchant.staff import signing_in
from shared.errors import DomainError, NotFound
from shared.web import attempts, body, problems, sessions

doors = Blueprint("shops", __name__)
_LONGEST_INPUT = 100


@doors.get("/signin")
def sign_in_page() -> AnyResponse | str:
    """The form, or the till for those who are signed in."""
    if sessions.current():
        return redirect(service.home())
    demo = (seed.HANDLE, seed.CASHIER) if service.config().is_demo else ("", "")
    return _form(*demo)


@doors.post("/signin")
def sign_in() -> AnyResponse:
    """Open the till for a cashier; the same form with the reason when that is refused."""
    given = {name: request.form.get(name, "")[:_LONGEST_INPUT] for name in ("shop", "cashier", "pin")}
    try:
        token = signing_in.sign_in(
            service.store(),
            handle=given["shop"],
            name=given["cashier"],
            pin=given["pin"],
            address=service.address(),
        )
    except (signing_in.WrongSignIn, attempts.TooManyAttempts) as refusal:
        return _refused(refusal, given)
    return sessions.remember(make_response(redirect(service.home(), 303)), token)


@doors.get("/join")
def join_page() -> AnyResponse | str:
    """Where the launcher's ticket arrives, in the fragment, which only a script can read."""
    return render_template("till/join.html", is_signed_in=sessions.current() is not None)


@doors.post("/api/join")
def join() -> Response:
    """Open the demo shop's till by a launcher's ticket."""
    if not service.config().is_demo:
        raise NotFound()
    token = tickets.join(service.store(), text=body.read().text("ticket"), secret=service.secret())
    return sessions.remember(jsonify({}), token)


@doors.post("/signout")
def sign_out() -> AnyResponse:
    """Close the till."""
    session = sessions.current()
    if session:
        service.run(sessions.end, token_hash=session.token_hash)
    return sessions.forget(make_response(redirect(service.home("signin"), 303)))


def _form(shop: str, cashier: str, problem: str = "") -> str:
    return render_template("till/signin.html", shop=shop, cashier=cashier, problem=problem)


def _refused(refusal: DomainError, given: dict[str, str]) -> AnyResponse:
    sentence = problems.sentence(refusal)
    if refusal.params.get("tries_left") == 0:
        sentence = g.say("signin.last_try")
    response = make_response(_form(given["shop"], given["cashier"], sentence), refusal.status)
    if "retry_after_s" in refusal.params:
        response.headers["Retry-After"] = str(refusal.params["retry_after_s"])
    return response
