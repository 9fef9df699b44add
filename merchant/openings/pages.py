"""Opening a shop in three screens: its name, its owner, its first items beside its printed code."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, g, make_response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from merchant import service
from merchant.checkout import static_code
from merchant.groups import queries as groups
from merchant.openings import actions, first_items
from merchant.staff import members
from merchant.staff.members import KnownMember
from merchant.staff.roles import Role, needs
from merchant.staff.signing_in import start_session
from merchant.terminals.actions import new_key
from shared.codes import frame as frames
from shared.codes import render
from shared.db.unit import UnitOfWork
from shared.errors import BadInput, DomainError
from shared.identity.parties import BadHandle, HandleTaken
from shared.web import attempts, problems, sessions

doors = Blueprint("openings", __name__, url_prefix="/open")
_LONGEST_INPUT = 100


class PinsDiffer(BadInput):
    """The PIN was typed differently the second time."""

    code = "pins_differ"


@doors.get("")
def name_page() -> str:
    """First screen: what the shop is called."""
    return render_template("open/name.html", given=_given("name", "handle"), problem="")


@doors.post("")
def name_it() -> AnyResponse:
    """Go on to the owner when a shop can have this name and this handle."""
    given = _given("name", "handle")
    try:
        wanted = service.read(actions.checked, **given)
    except DomainError as refusal:
        return _refused(refusal, "open/name.html", given)
    return redirect(service.home("open/owner?" + urlencode({"name": wanted.name, "handle": wanted.handle})), 303)


@doors.get("/owner")
def owner_page() -> AnyResponse | str:
    """Second screen: who owns it. Without a name that fits, back to the first one."""
    given = _given("name", "handle")
    try:
        wanted = service.read(actions.checked, **given)
    except DomainError as refusal:
        return _refused(refusal, "open/name.html", given)
    return render_template("open/owner.html", given={"name": wanted.name, "handle": wanted.handle}, problem="")


@doors.post("/owner")
def open_it() -> AnyResponse:
    """Open the shop and sign its owner in."""
    given = _given("name", "handle", "owner")
    try:
        token = _open(given, request.form.get("pin", ""), request.form.get("again", ""))
    except (BadHandle, HandleTaken, actions.NameReserved) as refusal:
        return _refused(refusal, "open/name.html", given)
    except DomainError as refusal:
        return _refused(refusal, "open/owner.html", given)
    return sessions.remember(make_response(redirect(service.home("open/items"), 303)), token)


@doors.get("/items")
@needs(Role.OWNER)
def items_page() -> str:
    """Third screen: the first items, and the code for the counter."""
    return _items_page()


@doors.post("/items")
@needs(Role.OWNER)
def add_items() -> AnyResponse:
    """Put the first items on sale and open the till; those left empty are left out."""
    rows = list(zip(request.form.getlist("item"), request.form.getlist("price"), strict=False))
    try:
        items = first_items.read(rows, service.unit())
        service.run(first_items.put_on_sale, at=service.at(), items=items)
    except DomainError as refusal:
        return make_response(_items_page(problems.sentence(refusal), rows), refusal.status)
    return redirect(service.home(), 303)


def _open(given: dict[str, str], pin: str, again: str) -> str:
    """Open the shop; the token of its owner's session. How often one address does so is counted."""
    wanted = service.read(actions.checked, name=given["name"], handle=given["handle"])
    if pin != again:
        raise PinsDiffer()
    pin_hash = members.hashed(pin)
    scope = f"opening:{service.address()}"
    service.run(attempts.count, account=f"opening/{wanted.handle}", address=scope)
    token = sessions.new_token()
    service.run(
        _open_and_enter,
        before=sessions.current(),
        token=token,
        wanted=wanted,
        owner=given["owner"],
        pin_hash=pin_hash,
        unit=service.unit(),
        own=new_key(service.secret()),
        till=new_key(service.secret()),
        founder=_founder(),
    )
    return token


def _open_and_enter(uow: UnitOfWork, *, before: sessions.Session | None, token: str, **opening: Any) -> None:
    _, owner = actions.open_shop(uow, **opening)
    if before is not None:
        sessions.end(uow, token_hash=before.token_hash)
    start_session(uow, token=token, member=owner)


def _founder() -> KnownMember | None:
    """The owner who opens another shop, when somebody is signed in as one who may group this till's shop."""
    if sessions.current() is None or not service.at().is_owner:
        return None
    member = service.at().member
    return member if service.read(groups.may_found, member=member) else None


def _items_page(problem: str = "", rows: list[tuple[str, str]] | None = None) -> str:
    at = service.at()
    frame = static_code.static_frame(service.store(), service.signers(), shop=at.shop, unit=service.unit())
    drawing = Markup(render.qr_svg(frames.code_text(service.config().wallet_url, frame), label=g.say("checkout.scan")))
    shown = [*(rows or []), *[("", "")] * first_items.ROWS][: first_items.ROWS]
    return render_template(
        "open/items.html", till=at, unit=service.unit(), rows=shown, problem=problem, drawing=drawing
    )


def _given(*fields: str) -> dict[str, str]:
    """What was typed, in the form or in the address."""
    return {field: request.values.get(field, "")[:_LONGEST_INPUT] for field in fields}


def _refused(refusal: DomainError, page: str, given: dict[str, str]) -> AnyResponse:
    response = make_response(render_template(page, given=given, problem=problems.sentence(refusal)), refusal.status)
    if "retry_after_s" in refusal.params:
        response.headers["Retry-After"] = str(refusal.params["retry_after_s"])
    return response
