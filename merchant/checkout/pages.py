"""The checkout, the printed code, and what all pages of the till share: nobody sees them without signing in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from merchant import service
from merchant.checkout import static_code
from merchant.register import telling
from merchant.staff.roles import Role, needs
from merchant.standing import At
from shared import money
from shared.codes import frame as frames
from shared.codes import render
from shared.web import sessions

doors = Blueprint("pages", __name__)


@doors.before_request
def lead_to_sign_in() -> AnyResponse | None:
    """Let only those in who are signed in; what a door needs beyond that, `@needs` says beside it."""
    if sessions.current() is None:
        return redirect(service.home("signin"))
    service.at()
    return None


@doors.context_processor
def furnish() -> dict[str, Any]:
    """What every page of the till shows: whose it is, and amounts as they are typed."""
    unit = service.unit()
    return {"till": g.get("at"), "unit": unit, "major": lambda minor: money.to_major(minor, unit)}


@doors.get("/checkout/<id>")
@needs(Role.CASHIER)
def checkout(id: str) -> AnyResponse | str:
    """One sale's code and what becomes of it; a sale at the printed code has no code of its own."""
    told = service.read(telling.told, id=id, shop_id=_till().shop.id, wallet_url=service.config().wallet_url)
    code = told.found.sale.intent.code
    if not code:
        return redirect(service.home(f"sales/{id}"))
    text = service.code_text(code)
    return render_template("till/checkout.html", **told._asdict(), text=text, drawing=_drawing(text))


@doors.get("/static-code")
@needs(Role.CASHIER)
def static_page() -> str:
    """The shop's own code, to be printed and put on the counter."""
    frame = static_code.static_frame(service.store(), service.signers(), shop=_till().shop, unit=service.unit())
    text = frames.code_text(service.config().wallet_url, frame)
    return render_template("till/static_code.html", text=text, drawing=_drawing(text))


def _till() -> At:
    return service.at()


def _drawing(text: str) -> Markup:
    return Markup(render.qr_svg(text, label=g.say("checkout.scan")))
