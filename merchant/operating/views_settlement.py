"""The console's settlement: what a cut-off would do, running one, and what the bank says of the payouts."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from merchant import service
from merchant.operating import actions, pages, waiting
from shared.errors import DomainError
from shared.settlement import files, reconcile
from shared.web import problems

doors = Blueprint("operating_settlement", __name__, url_prefix="/operator/settlement")
doors.before_request(pages.let_in)
doors.context_processor(pages.furnish)


@doors.get("")
def overview() -> str:
    """What a cut-off would settle now, and all batches, newest first."""
    return _page()


@doors.post("/run")
def cut_off() -> AnyResponse:
    """Settle every shop up to now; shops that could not be settled are named."""
    done = actions.cut_off(service.store(), config=service.config(), secret=service.secret())
    if done.refused:
        return pages.refused(done.refused[0][1], _page(problems.sentence(done.refused[0][1])))
    return redirect(service.home("operator/settlement"), 303)


@doors.post("/<id>/paid")
def paid(id: str) -> AnyResponse:
    """The bank says that a payout arrived."""
    return _ended(id, has_arrived=True, reason="")


@doors.post("/<id>/returned")
def returned(id: str) -> AnyResponse:
    """The bank sends a payout back."""
    return _ended(id, has_arrived=False, reason=request.form.get("reason", ""))


@doors.post("/reconcile")
def compare() -> str:
    """Hold sales, transfers and settlement files against each other."""
    report = reconcile.run(service.store(), folder=service.config().data_dir / files.FOLDER)
    return render_template("operator/reconciled.html", report=report)


def _ended(id: str, *, has_arrived: bool, reason: str) -> AnyResponse:
    told = {"batch_id": id, "has_arrived": has_arrived, "reason": reason, "secret": service.secret()}
    try:
        service.run(actions.end_payout, **told)
    except DomainError as refusal:
        return pages.refused(refusal, _page(problems.sentence(refusal)))
    return redirect(service.home("operator/settlement"), 303)


def _page(problem: str = "") -> str:
    before = request.args.get("before", "")[:60]
    shown = service.read(waiting.overview, before=before)
    return render_template("operator/settlement.html", shown=shown, is_first=not before, problem=problem)
