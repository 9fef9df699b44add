"""The pages of requests for money: the list, one request, and asking a contact."""

from __future__ import annotations

from flask import Blueprint

from shared.identity import parties
from wallet import page, service
from wallet.asking import queries
from wallet.contacts import people
from wallet.pay import cautions

pages = Blueprint("asking_pages", __name__)


@pages.get("/requests")
def money_requests() -> str:
    """What others asked of me and I of others, and whether I take such requests at all."""
    visit = page.visit()
    received = service.read(queries.asked_of, party_id=visit.viewer_id)
    sent = service.read(queries.asked_by, party_id=visit.viewer_id)
    seen = service.read(queries.people_of, viewer_id=visit.viewer_id, requests=[*received, *sent])
    takes = service.read(queries.takes_requests, party_id=visit.viewer_id)
    return visit.show("asking/requests.html", "me", received=received, sent=sent, seen=seen, takes=takes)


@pages.get("/requests/<id>")
def money_request(id: str) -> str:
    """One request: to be paid or declined, or to be taken back, or what became of it."""
    visit = page.visit()
    found = service.read(queries.by_id, id=id, party_id=visit.viewer_id)
    seen = service.read(queries.people_of, viewer_id=visit.viewer_id, requests=[found])
    asker, payer, code = seen[found.asker_id], seen[found.payer_id], service.code_text(found.code)
    caution = service.read(cautions.before_paying, viewer_id=visit.viewer_id, payee=asker)
    return visit.show("asking/request.html", asked=found, asker=asker, payer=payer, code=code, caution=caution)


@pages.get("/contacts/<handle>/ask")
def ask(handle: str) -> str:
    """Ask a contact for an amount."""
    visit = page.visit()
    person = service.read(people.by_handle, viewer_id=visit.viewer_id, handle=handle)
    if person.kind != "user" or person.is_me:
        raise parties.UnknownParty()
    return visit.show("asking/ask.html", person=person)
