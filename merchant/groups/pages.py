"""An owner's shops: how each stands today and all together, going to another one, adding one that is theirs."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from merchant import service, signed_in
from merchant.groups import actions, queries
from merchant.staff import signing_in
from merchant.staff.roles import Role, needs
from shared import clock
from shared.db.unit import Reader
from shared.errors import DomainError
from shared.web import months, problems, sessions

doors = signed_in.pages("groups", "/shops")
_LONGEST_INPUT = 100


@doors.get("")
@needs(Role.OWNER)
def shop_list() -> str:
    """The owner's shops, and their sum."""
    return _page()


@doors.post("/<id>/enter")
@needs(Role.OWNER)
def enter(id: str) -> AnyResponse:
    """Go to another shop of the group without signing in again."""
    token = sessions.new_token()
    service.run(actions.enter, session=sessions.required(), by=service.at().member, shop_id=id, token=token)
    return sessions.remember(make_response(redirect(service.home(), 303)), token)


@doors.post("/<id>/leave")
@needs(Role.OWNER)
def leave(id: str) -> AnyResponse:
    """Take a shop out of the group."""
    service.run(actions.leave, by=service.at().member, shop_id=id)
    return redirect(service.home("shops"), 303)


@doors.post("/add")
@needs(Role.OWNER)
def add() -> AnyResponse:
    """Add another shop that is theirs: whoever knows its owner's PIN."""
    given = {name: request.form.get(name, "")[:_LONGEST_INPUT] for name in ("handle", "name", "pin")}
    try:
        owner = signing_in.recognise(service.store(), address=service.address(), **given)
        service.run(actions.join, founder=service.at().member, owner=owner)
    except DomainError as refusal:
        response = make_response(_page(problems.sentence(refusal), given), refusal.status)
        if "retry_after_s" in refusal.params:
            response.headers["Retry-After"] = str(refusal.params["retry_after_s"])
        return response
    return redirect(service.home("shops"), 303)


def _page(problem: str = "", given: dict[str, str] | None = None) -> str:
    zone = months.readers_zone(request.cookies)
    now = service.read(_now)
    [since] = months.day_starts(months.day_of(now, zone), 1, zone)[:1]
    found = service.read(queries.sums, member=service.at().member, since=since)
    return render_template("till/shops.html", found=found, problem=problem, given=given or {}, iso=clock.rfc3339)


def _now(reader: Reader) -> int:
    return reader.now
