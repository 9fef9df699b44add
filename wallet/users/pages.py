"""The pages of joining, of one's own card, and of one's own settings."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, g, redirect, render_template, url_for
from markupsafe import Markup

from shared.codes import render
from shared.errors import NotFound
from shared.web import sessions
from wallet import page, service
from wallet.contacts import actions as contacts
from wallet.users import queries, returning

pages = Blueprint("users_pages", __name__)

Page = str | Response


def fun_name() -> str:
    """A friendly name to begin with, such as Quiet Otter."""
    manner, animal = (secrets.choice(g.say(key).split(",")) for key in ("welcome.manners", "welcome.animals"))
    return str(g.say("welcome.fun_name", manner=manner, animal=animal))


@pages.get("/welcome")
def welcome() -> Page:
    """Join in two screens, or come back by name and PIN."""
    if sessions.current():
        return redirect(url_for("history_pages.home"))  # type: ignore[return-value]
    left = service.read(returning.left, token_hash=sessions.presented())
    return render_template("welcome.html", facts=page.facts_of_phone(), name=fun_name(), left=left)


@pages.get("/join")
def join() -> Page:
    """Where the launcher's ticket, in the fragment, signs this browser in; one that is signed in goes home."""
    if not service.config().is_demo:
        raise NotFound()
    if sessions.current():
        return redirect(url_for("history_pages.home"))  # type: ignore[return-value]
    return render_template("join.html", facts=page.facts_of_phone())


@pages.get("/card")
def card() -> str:
    """My contact card, for somebody else's camera."""
    visit = page.visit()
    text = service.code_text(queries.card_frame(visit.me))
    friends = service.read(contacts.list_of, owner_id=visit.viewer_id)
    waiting = [friend for friend in friends if friend.state == "incoming"]
    drawing = Markup(render.qr_svg(text, g.say("card.code_label")))
    return visit.show("card.html", drawing=drawing, code=text, waiting=waiting)


@pages.get("/poster")
def poster() -> str:
    """My contact card to print: whoever scans it may send me any amount, as often as they like."""
    visit = page.visit()
    text = service.code_text(queries.card_frame(visit.me))
    drawing = Markup(render.qr_svg(text, g.say("poster.code_label")))
    return visit.show("poster.html", drawing=drawing)


@pages.get("/me")
def show_me() -> str:
    """Who I am here, the ways to what can be set, the way out."""
    return page.visit().show("me.html", "me")
