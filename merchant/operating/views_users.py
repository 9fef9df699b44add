"""The console's people: found, looked at, frozen, given a ceiling for a day."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from merchant import service
from merchant.operating import actions, deeds, found, pages, standing, wording
from shared.errors import DomainError
from shared.web import problems

doors = Blueprint("operating_users", __name__, url_prefix="/operator/users")
doors.before_request(pages.let_in)
doors.context_processor(pages.furnish)


@doors.get("")
def user_list() -> str:
    """The people, newest first: all, those who are frozen, those of a name."""
    asked = {name: request.args.get(name, "")[:60] for name in ("search", "only", "before")}
    page = service.read(found.listed, kind="user", **asked)
    return render_template("operator/users.html", page=page, asked=asked)


@doors.get("/<id>")
def user(id: str) -> str:
    """One person: how they stand and what they may spend. What they bought is in the ledger, not here."""
    return _page(id)


@doors.post("/<id>/frozen")
def freeze(id: str) -> AnyResponse:
    """Freeze them, with a reason, or let them go on."""
    is_frozen, reason = request.form.get("is_frozen") == "yes", request.form.get("reason", "")
    return _decided(id, actions.freeze, party_id=id, kind="user", is_frozen=is_frozen, reason=reason)


@doors.post("/<id>/ceiling")
def set_ceiling(id: str) -> AnyResponse:
    """Set the most that may leave in a day; an empty field lifts it."""
    try:
        ceiling = wording.minor_or_none(request.form.get("ceiling", ""))
    except DomainError as refusal:
        return pages.refused(refusal, _page(id, problems.sentence(refusal)))
    return _decided(id, actions.set_ceiling, user_id=id, ceiling_minor=ceiling)


def _decided(id: str, verb: pages.Verb, **args: object) -> AnyResponse:
    """Carry a decision out and show the person as they then stand; the same page with the reason when refused."""
    service.read(actions.of_kind, id=id, kind="user")
    try:
        service.run(verb, **args)
    except DomainError as refusal:
        return pages.refused(refusal, _page(id, problems.sentence(refusal)))
    return redirect(service.home(f"operator/users/{id}"), 303)


def _page(id: str, problem: str = "") -> str:
    shown = service.read(standing.of_user, id=id)
    done = service.read(deeds.newest, subject_id=id, limit=10)
    return render_template("operator/user.html", shown=shown, deeds=done, problem=problem)
