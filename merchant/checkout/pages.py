"""The checkout and the printed code."""

from __future__ import annotations

from flask import g, redirect, render_template
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from merchant import service, signed_in
from merchant.checkout import static_code
from merchant.register import telling
from merchant.staff.roles import Role, needs
from merchant.standing import At
from shared.codes import frame as frames
from shared.codes import render

doors = signed_in.pages("pages")


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
