"""The pages of what happened: home, statement, receipts, and the one that says Paid."""

from __future__ import annotations

from flask import Blueprint, request
from markupsafe import Markup

from shared.codes.proof_file import NotSealedYet
from shared.ledger import chart, extracts
from shared.web import months
from wallet import page, service
from wallet.asking import queries as asking
from wallet.contacts import actions as contacts
from wallet.disputes import payments as disputes
from wallet.history import finding, queries, timeline, views
from wallet.history.views import USUAL_PAGE, number, receipt_of
from wallet.history.wanted import WHICH
from wallet.presented import codes

pages = Blueprint("history_pages", __name__)

RECENT = 5
VEIL_COOKIE = "wallet_veil"
"""Set by the home page's script when the balance is to be hidden."""


@pages.get("/")
def home() -> str:
    """The balance, the ways to pay and be paid, the newest entries."""
    visit = page.visit()
    rows, _ = service.read(queries.statement, viewer_id=visit.viewer_id, limit=RECENT)
    friends = service.read(contacts.list_of, owner_id=visit.viewer_id)
    waiting = [friend for friend in friends if friend.state == "incoming"]
    is_veiled = request.cookies.get(VEIL_COOKIE) == "1"
    asked = service.read(codes.asked, party_id=visit.viewer_id)
    requested = service.read(asking.waiting_for, party_id=visit.viewer_id, limit=RECENT)
    requesters = service.read(asking.people_of, viewer_id=visit.viewer_id, requests=requested)
    shown = {"rows": rows, "waiting": waiting, "asked": asked, "requested": requested, "requesters": requesters}
    return visit.show("home.html", "home", is_veiled=is_veiled, **shown)


@pages.get("/statement")
def statement() -> str:
    """The entries that are wanted, newest first and month by month, a page at a time."""
    visit = page.visit()
    before, zone = number("before", None, 2**62), views.zone()
    asked = {"viewer_id": visit.viewer_id, "wanted": views.wanted(), "zone": zone}
    found = service.read(finding.found, before=before, limit=USUAL_PAGE, **asked)
    blocks = service.read(finding.by_month, entries=found.entries, **asked)
    first = service.read(extracts.first_of, code=chart.user_account(visit.viewer_id))
    now = visit.me.now_ms
    choices = months.newest(now, first.created_at if first else now, zone)
    shown = {"found": found, "blocks": blocks, "wanted": asked["wanted"], "kinds": WHICH, "choices": choices}
    return visit.show("statement.html", "statement", before=before, zone=str(zone), **shown)


@pages.get("/receipts/<transfer>")
def receipt(transfer: str) -> str:
    """One entry in full, with its signed receipt as a code where money moved."""
    visit = page.visit()
    found = receipt_of(transfer, visit.viewer_id)
    drawing = Markup(found.drawing) if found.drawing else None
    steps = service.read(timeline.steps, settled=found.settled, viewer_id=visit.viewer_id)
    try:
        proof = views.proof_of(transfer, visit.viewer_id)
    except NotSealedYet:
        proof = None
    disputed = service.read(disputes.standing, settled=found.settled)
    shown = {"settled": found.settled, "drawing": drawing, "code": found.text, "steps": steps, "proof": proof}
    return visit.show("receipt.html", "statement", disputed=disputed, **shown)


@pages.get("/paid/<transfer>")
def paid(transfer: str) -> str:
    """What a payer sees when the money has moved, or is held."""
    visit = page.visit()
    settled = service.read(queries.settled, transfer_id=transfer, viewer_id=visit.viewer_id)
    return visit.show("paid.html", settled=settled)
