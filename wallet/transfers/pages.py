"""The pages of money between people: collect and send."""

from __future__ import annotations

from flask import Blueprint

from shared.identity import parties
from wallet import page, service
from wallet.contacts import people
from wallet.pay import cautions

pages = Blueprint("transfers_pages", __name__)


@pages.get("/collect")
def collect() -> str:
    """A code that asks for money, drawn anew while its amount is typed."""
    return page.visit().show("collect.html")


@pages.get("/send/<handle>")
def send(handle: str) -> str:
    """Send money to a person."""
    visit = page.visit()
    person = service.read(people.by_handle, viewer_id=visit.viewer_id, handle=handle)
    if person.kind != "user" or person.is_me:
        raise parties.UnknownParty()
    caution = service.read(cautions.before_paying, viewer_id=visit.viewer_id, payee=person)
    return visit.show("send.html", "contacts", person=person, caution=caution)
