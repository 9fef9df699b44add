"""The console's shops: found, looked at, given the verified mark, frozen, given a rate."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from merchant import service
from merchant.operating import actions, deeds, found, pages, standing, wording
from shared.errors import DomainError
from shared.settlement.fees import Rate
from shared.web import problems

doors = Blueprint("operating_shops", __name__, url_prefix="/operator/shops")
doors.before_request(pages.let_in)
doors.context_processor(pages.furnish)


@doors.get("")
def shop_list() -> str:
    """The shops, newest first: all, those without the mark, those that are frozen, those of a name."""
    asked = {name: request.args.get(name, "")[:60] for name in ("search", "only", "before")}
    page = service.read(found.listed, kind="shop", **asked)
    return render_template("operator/shops.html", page=page, asked=asked)


@doors.get("/<id>")
def shop(id: str) -> str:
    """One shop: how it stands, what it owns, what was decided about it."""
    return _page(id)


@doors.post("/<id>/verified")
def verify(id: str) -> AnyResponse:
    """Give it the verified mark, or take it back."""
    return _decided(id, actions.verify, shop_id=id, is_verified=request.form.get("is_verified") == "yes")


@doors.post("/<id>/frozen")
def freeze(id: str) -> AnyResponse:
    """Freeze it, with a reason, or let it go on."""
    is_frozen, reason = request.form.get("is_frozen") == "yes", request.form.get("reason", "")
    return _decided(id, actions.freeze, party_id=id, kind="shop", is_frozen=is_frozen, reason=reason)


@doors.post("/<id>/rate")
def set_rate(id: str) -> AnyResponse:
    """Set what it pays for its sales."""
    try:
        points = wording.basis_points(request.form.get("percent", ""))
        fixed = wording.minor_or_none(request.form.get("fixed", "")) or 0
    except DomainError as refusal:
        return pages.refused(refusal, _page(id, problems.sentence(refusal)))
    return _decided(id, actions.set_rate, shop_id=id, rate=Rate(points, fixed))


def _decided(id: str, verb: pages.Verb, **args: object) -> AnyResponse:
    """Carry a decision out and show the shop as it then stands; the same page with the reason when it is refused."""
    service.read(actions.of_kind, id=id, kind="shop")
    try:
        service.run(verb, **args)
    except DomainError as refusal:
        return pages.refused(refusal, _page(id, problems.sentence(refusal)))
    return redirect(service.home(f"operator/shops/{id}"), 303)


def _page(id: str, problem: str = "") -> str:
    shown = service.read(standing.of_shop, id=id)
    done = service.read(deeds.newest, subject_id=id, limit=10)
    return render_template(
        "operator/shop.html", shown=shown, deeds=done, problem=problem, percent=wording.percent(shown.rate)
    )
