"""The pages of safety: an overview, the devices, the limits."""

from __future__ import annotations

from flask import Blueprint

from shared.identity import parties
from shared.payments import limits
from shared.web import sessions
from wallet import page, service
from wallet.security import devices

pages = Blueprint("security_pages", __name__)


@pages.get("/security")
def overview() -> str:
    """Freeze now, this phone's key, the PIN, and the ways to devices and limits."""
    visit = page.visit()
    person = service.read(parties.by_id, id=visit.viewer_id)
    found = service.read(devices.of_person, session=sessions.required())
    mine = service.read(limits.of, party_id=visit.viewer_id)
    return visit.show("security.html", "me", frozen_at=person.self_frozen_at, devices=found, limits=mine)


@pages.get("/devices")
def list_devices() -> str:
    """Every device that can pay for the person, each to be given up."""
    visit = page.visit()
    return visit.show("devices.html", "me", devices=service.read(devices.of_person, session=sessions.required()))


@pages.get("/limits")
def show_limits() -> str:
    """What goes without a PIN, what may leave in a day, and what has left today."""
    visit = page.visit()
    mine = service.read(limits.of, party_id=visit.viewer_id)
    spent = service.read(limits.spent_today, party_ids=[visit.viewer_id])[visit.viewer_id]
    return visit.show("limits.html", "me", limits=mine, spent_minor=spent)
