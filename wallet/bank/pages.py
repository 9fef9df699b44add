"""The pages of the demo bank: what there is, taking money from it, giving money back."""

from __future__ import annotations

from flask import Blueprint

from shared.identity import keys, parties
from wallet import page, service
from wallet.bank import actions
from wallet.contacts import people

pages = Blueprint("bank_pages", __name__)


@pages.get("/bank")
def bank() -> str:
    """The two ways between the wallet and the demo bank."""
    visit = page.visit()
    left_minor = service.read(actions.left_today, party_id=visit.viewer_id, unit=service.unit())
    return visit.show("bank/bank.html", "me", left_minor=left_minor)


@pages.get("/bank/top-up")
def top_up() -> str:
    """Take money from the bank."""
    visit = page.visit()
    left_minor = service.read(actions.left_today, party_id=visit.viewer_id, unit=service.unit())
    return visit.show("bank/top_up.html", left_minor=left_minor)


@pages.get("/bank/withdraw")
def withdraw() -> str:
    """Give money back to the bank: an order of the person's own to the house."""
    visit = page.visit()
    house = service.read(parties.by_id, id=service.read(keys.operator_id))
    bank = service.read(people.by_handle, viewer_id=visit.viewer_id, handle=house.handle)
    return visit.show("bank/withdraw.html", bank=bank)
