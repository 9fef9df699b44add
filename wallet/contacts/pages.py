"""The pages of the contact list and of one contact."""

from __future__ import annotations

from flask import Blueprint

from wallet import page, service
from wallet.asking import queries as asking
from wallet.contacts import actions, people, safety

pages = Blueprint("contacts_pages", __name__)


@pages.get("/contacts")
def contacts() -> str:
    """Who waits for an answer, and everybody in the list."""
    visit = page.visit()
    friends = service.read(actions.list_of, owner_id=visit.viewer_id)
    waiting = [friend for friend in friends if friend.state == "incoming"]
    known = [friend for friend in friends if friend.state != "incoming"]
    requested = service.read(asking.waiting_for, party_id=visit.viewer_id, limit=5)
    requesters = service.read(asking.people_of, viewer_id=visit.viewer_id, requests=requested)
    shown = {"waiting": waiting, "known": known, "requested": requested, "requesters": requesters}
    return visit.show("contacts.html", "contacts", **shown)


@pages.get("/contacts/<handle>")
def contact(handle: str) -> str:
    """One contact: the name given, the key that was scanned, the way to send money."""
    visit = page.visit()
    friend = service.read(actions.friend, owner_id=visit.viewer_id, handle=handle)
    person = service.read(people.by_handle, viewer_id=visit.viewer_id, handle=handle)
    found = safety.of_contact(service.store(), owner_id=visit.viewer_id, handle=handle)
    is_blocked = service.read(asking.blocks, owner_id=visit.viewer_id, party_id=person.id)
    return visit.show("contact.html", "contacts", friend=friend, person=person, safety=found, is_blocked=is_blocked)
