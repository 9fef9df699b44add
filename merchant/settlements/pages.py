"""The till's settlement pages: batches and what comes next, one batch, its file. For cashiers who are signed in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, g, render_template, request

from merchant import service
from merchant.checkout import pages
from merchant.settlements import history
from shared.settlement.fees import Rate
from shared.web import format, sessions

doors = Blueprint("settlements", __name__, url_prefix="/settlements")
doors.before_request(pages.lead_to_sign_in)
doors.context_processor(pages.furnish)


@doors.context_processor
def furnish() -> dict[str, Any]:
    """How a rate reads."""
    return {"rate_text": _rate_text}


@doors.get("")
def batch_list() -> str:
    """The shop's batches, newest first, below what the next one will hold."""
    before = request.args.get("before")
    found = service.read(history.overview, shop_id=_shop_id(), before=before)
    return render_template("till/settlements.html", found=found, is_first=before is None)


@doors.get("/<id>")
def batch(id: str) -> str:
    """What one batch is made of and what became of its payout."""
    return render_template("till/batch.html", found=service.read(history.detail, id=id, shop_id=_shop_id()))


@doors.get("/<id>/file")
def batch_file(id: str) -> Response:
    """The batch's settlement file, to be kept."""
    name, content = service.read(history.file_of, id=id, shop_id=_shop_id())
    answer = Response(content, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _shop_id() -> str:
    return sessions.required().party_id


def _rate_text(rate: Rate) -> str:
    """`0.6 %`, and the fixed part where there is one."""
    percent = f"{(Decimal(rate.basis_points) / 100).normalize():f}"
    if not rate.fixed_minor:
        return str(g.say("settlements.rate", percent=percent))
    fixed = format.money(rate.fixed_minor, service.unit().code, g.language)
    return str(g.say("settlements.rate_fixed", percent=percent, fixed=fixed))
