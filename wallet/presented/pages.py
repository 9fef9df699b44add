"""The pages of the pay code: the code itself, and what a shop asks of this phone after it took one."""

from __future__ import annotations

from flask import Blueprint

from shared.identity import parties
from shared.payments import intents
from wallet import page, service
from wallet.contacts import people
from wallet.pay import cautions

pages = Blueprint("presented_pages", __name__)


@pages.get("/pay-code")
def pay_code() -> str:
    """A payer code for a shop to scan. The page's script seals and draws it."""
    return page.visit().show("paycode.html")


@pages.get("/confirm/<intent>")
def confirm(intent: str) -> str:
    """Whether to pay what a shop asks of this phone; afterwards, what became of it."""
    visit = page.visit()
    asked = service.read(intents.by_id, id=intent).as_of(visit.me.now_ms)
    if asked.payer_id != visit.viewer_id:
        raise intents.UnknownIntent()
    shop = service.read(parties.by_id, id=asked.shop_id)
    seen = service.read(people.seen_by, viewer_id=visit.viewer_id, who=[shop])
    caution = service.read(cautions.before_paying, viewer_id=visit.viewer_id, payee=seen[shop.id])
    return visit.show("confirm.html", intent=asked, shop=seen[shop.id], caution=caution)
