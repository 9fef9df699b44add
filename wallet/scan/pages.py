"""The scanner's page, and the page that a code opens: the code stands in its fragment, which only its script sees."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template

from shared.money import currency
from shared.web import body, sessions
from wallet import page, service
from wallet.pay import cautions
from wallet.scan.views import LONGEST_SCAN, open_for
from wallet.users.views import me_of

pages = Blueprint("scan_pages", __name__)

VIEWS = {
    "payment_request": "opened/pay.html",
    "shop_code": "opened/pay.html",
    "peer_request": "opened/pay.html",
    "contact_card": "opened/card.html",
    "receipt": "opened/receipt.html",
}


@pages.get("/scan")
def scan() -> str:
    """The camera, a photo, or a pasted text."""
    return page.visit().show("scan.html", "scan")


@pages.get("/q")
def opened() -> str:
    """The frame of whatever a code turns out to be."""
    return page.visit().show("opened.html", "scan")


@pages.post("/q/view")
def view() -> Response:
    """What the code means: for the page's script as JSON, for the person as markup in `html`."""
    session = sessions.required()
    found = open_for(session, body.read().text("text", longest=LONGEST_SCAN))
    me = me_of(session)
    caution = service.read(cautions.before_paying, viewer_id=session.party_id, payee=found.payee)
    html = render_template(VIEWS[found.kind], code=found, me=me, unit=currency(me.currency), caution=caution)
    return jsonify(found.as_json(service.code_text(found.frame)) | {"html": html})
