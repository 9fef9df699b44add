"""The console's disputes: those to decide first, both sides of each, and the word that ends it."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from merchant import service
from merchant.operating import actions, pages, sides
from shared.disputes import queries
from shared.disputes.pictures import MEDIA_TYPE
from shared.errors import DomainError
from shared.web import problems

doors = Blueprint("operating_disputes", __name__, url_prefix="/operator/disputes")
doors.before_request(pages.let_in)
doors.context_processor(pages.furnish)


@doors.get("")
def dispute_list() -> str:
    """Those that wait for a decision, or for the shops' answers, or all that have ended."""
    only, before = request.args.get("only", "answered"), request.args.get("before", "")[:60]
    shown = service.read(sides.listed, only=only, before=before)
    return render_template("operator/disputes.html", shown=shown, only=only, is_first=not before)


@doors.get("/<id>")
def dispute(id: str) -> str:
    """Both sides of one dispute, and what was paid."""
    return _page(id)


@doors.post("/<id>/decide")
def decide(id: str) -> AnyResponse:
    """The shop has won, or the payer gets the money back at once."""
    is_won, note = request.form.get("outcome") == "won", request.form.get("note", "")
    service.read(queries.by_id, id=id)
    try:
        service.run(actions.decide, dispute_id=id, is_won=is_won, note=note, secret=service.secret())
    except DomainError as refusal:
        return pages.refused(refusal, _page(id, problems.sentence(refusal), note))
    return redirect(service.home(f"operator/disputes/{id}"), 303)


@doors.get("/<id>/pictures/<int:position>")
def picture(id: str, position: int) -> Response:
    """A picture of the shop's answer."""
    shown = service.read(queries.picture, dispute_id=id, position=min(position, 99))
    return Response(shown.content, mimetype=MEDIA_TYPE)


def _page(id: str, problem: str = "", note: str = "") -> str:
    return render_template("operator/dispute.html", shown=service.read(sides.of, id=id), problem=problem, note=note)
