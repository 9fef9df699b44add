"""The console's first pages: signing in and out, the overview, the log; and what all its pages share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from merchant import service
from merchant.operating import access, books, deeds, found, sides, waiting, wording
from shared import money
from shared.errors import DomainError
from shared.web import attempts, problems, sessions

doors = Blueprint("operating", __name__, url_prefix="/operator")
Verb = Callable[..., Any]
_OPEN = frozenset({"operating.sign_in_page", "operating.sign_in"})


def let_in() -> AnyResponse | None:
    """Let only the operator in: whoever else looks is led to the console's own sign-in page."""
    if request.endpoint in _OPEN or access.current():
        return None
    if request.method != "GET":
        raise access.OperatorNotSignedIn()
    return redirect(service.home("operator/signin"))


def furnish() -> dict[str, Any]:
    """What every page of the console may say."""
    unit = service.unit()
    return {
        "unit": unit,
        "major": lambda minor: money.to_major(minor, unit),
        "rate_text": wording.rate_text,
        "deed_text": wording.deed_text,
        "kind_text": wording.kind_text,
    }


doors.before_request(let_in)
doors.context_processor(furnish)


@doors.get("/signin")
def sign_in_page() -> AnyResponse | str:
    """The form, or the console for those who are signed in."""
    if access.current():
        return redirect(service.home("operator"))
    return _form()


@doors.post("/signin")
def sign_in() -> AnyResponse:
    """Open the console; the same form with the reason when that is refused."""
    try:
        token = access.sign_in(service.store(), password=request.form.get("password", ""), address=service.address())
    except (access.WrongPassword, attempts.TooManyAttempts) as refusal:
        return refused(refusal, _form(problems.sentence(refusal)))
    response = make_response(redirect(service.home("operator"), 303))
    response.set_cookie(access.cookie(), token, **access.manners())  # type: ignore[arg-type]
    return response


@doors.post("/signout")
def sign_out() -> AnyResponse:
    """Close the console."""
    session = access.current()
    if session:
        service.run(sessions.end, token_hash=session.token_hash)
    response = make_response(redirect(service.home("operator/signin"), 303))
    response.delete_cookie(access.cookie(), path=str(access.manners()["path"]))
    return response


@doors.get("")
def overview() -> str:
    """How the installation stands, and what waits for the operator."""
    return render_template(
        "operator/overview.html",
        counts=service.read(found.counts),
        books=service.read(books.overview),
        waits=service.read(waiting.summary),
        deeds=service.read(deeds.newest, limit=5),
        disputes=service.read(sides.to_decide),
    )


@doors.get("/log")
def log() -> str:
    """Everything that was done here, newest first."""
    before = request.args.get("before", "")
    shown = service.read(deeds.newest, before=before, limit=deeds.PAGE + 1)
    return render_template("operator/log.html", deeds=shown[: deeds.PAGE], has_older=len(shown) > deeds.PAGE)


def refused(refusal: DomainError, page: str) -> AnyResponse:
    """A page that tells of a refusal, with its status."""
    response = make_response(page, refusal.status)
    if "retry_after_s" in refusal.params:
        response.headers["Retry-After"] = str(refusal.params["retry_after_s"])
    return response


def _form(problem: str = "") -> str:
    return render_template("operator/signin.html", problem=problem, has_password=service.read(access.has_password))
