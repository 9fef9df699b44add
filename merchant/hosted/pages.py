"""The hosted checkout page, for whoever has its link: the code to scan, then what became of it."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify, render_template, request
from markupsafe import Markup

from merchant import service
from merchant.hosted import queries
from shared.codes import frame as frames
from shared.codes import render
from shared.web import security
from shared.web.format import money

doors = Blueprint("hosted", __name__, url_prefix="/pay")


@doors.get("/<id>")
def page(id: str) -> str:
    """The page of one payment intent; with `?embed=1` as it stands in a frame of the shop's own page."""
    shown = service.read(queries.page_of, id=id)
    is_embedded = request.args.get("embed") == "1" and shown.wish.embed_origin is not None
    if is_embedded:
        security.may_be_framed_by(str(shown.wish.embed_origin))
    is_open = shown.state in queries.OPEN
    text = frames.code_text(service.config().wallet_url, shown.intent.code) if is_open else ""
    label = g.say("checkout.code", amount=money(shown.intent.amount_minor, shown.intent.currency, g.language))
    drawing = Markup(render.qr_svg(text, label)) if is_open else ""
    return render_template("hosted/pay.html", shown=shown, text=text, drawing=drawing, is_embedded=is_embedded)


@doors.get("/<id>/state")
def state(id: str) -> Response:
    """How it stands, for the page's script."""
    return jsonify(service.read(queries.page_of, id=id).as_json())
