"""The customer's display and the sound box: pages that nobody presses much, and the parts that they fetch anew."""

from __future__ import annotations

from flask import g, render_template, request
from markupsafe import Markup

from merchant import service, signed_in
from merchant.display import queries
from merchant.display.queries import Feed, OnDisplay
from merchant.shops.signers import own_kid
from merchant.staff.roles import Role, needs
from merchant.terminals import queries as terminals
from merchant.terminals.queries import Terminal
from shared.codes import render

doors = signed_in.pages("display")


@doors.get("/display")
@needs(Role.CASHIER)
def display() -> str:
    """A second screen for the customer, beside one of the shop's terminals."""
    mine = _terminal()
    return render_template("till/display.html", terminal=mine, others=_others(mine), **_shown(mine))


@doors.get("/display/now")
@needs(Role.CASHIER)
def display_now() -> str:
    """What stands on the display at this moment, alone."""
    return render_template("till/display_now.html", **_shown(_terminal()))


@doors.get("/sound-box")
@needs(Role.CASHIER)
def sound_box() -> str:
    """What comes in at the printed code, large and said aloud."""
    return render_template("till/sound_box.html", feed=_feed())


@doors.get("/sound-box/rows")
@needs(Role.CASHIER)
def sound_box_rows() -> str:
    """The newest payments at the printed code, alone; `?since=` (ms) is where the reader's day began."""
    return render_template("till/sound_box_rows.html", feed=_feed())


def _terminal() -> Terminal:
    """The terminal that a display was asked to follow, or the one that this browser is."""
    at, wanted = service.at(), request.args.get("terminal")
    return service.read(terminals.at_shop, id=wanted, shop_id=at.shop.id) if wanted else at.terminal


def _others(mine: Terminal) -> list[Terminal]:
    found = service.read(terminals.of_shop, shop_id=mine.shop_id)
    return [each for each in found if each.revoked_at is None and each.id != mine.id]


def _shown(terminal: Terminal) -> dict[str, object]:
    """What is on, and the drawing of its code."""
    shop_id = service.at().shop.id
    kid = terminal.kid or service.read(own_kid, shop_id=shop_id)
    shown: OnDisplay = service.read(queries.on_display, shop_id=shop_id, kid=kid)
    code = shown.found.sale.intent.code if shown.found else b""
    drawing = Markup(render.qr_svg(service.code_text(code), label=g.say("checkout.scan"))) if code else ""
    return {"shown": shown, "drawing": drawing}


def _feed() -> Feed:
    since = request.args.get("since", "")
    start = int(since) if since.isascii() and since.isdigit() and len(since) <= 15 else 0
    return service.read(queries.feed, shop_id=service.at().shop.id, since=start)
