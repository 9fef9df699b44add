"""The pages of disputes: the list, one dispute with what happened to it, and the form that opens one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from shared.disputes import queries, story
from shared.disputes.states import ANSWER_DAYS, Reason
from shared.identity import parties
from shared.money import currency, to_major
from shared.payments import intents
from wallet import page, service
from wallet.contacts import people
from wallet.contacts.people import Person
from wallet.disputes import payments
from wallet.history import queries as history

pages = Blueprint("disputes_pages", __name__)


@pages.get("/disputes")
def dispute_list() -> str:
    """What the person has complained about, newest first."""
    visit = page.visit()
    found = service.read(queries.list_of_payer, payer_id=visit.viewer_id)
    return visit.show("disputes/disputes.html", "me", found=found, shops=_seen(visit, {each.shop_id for each in found}))


@pages.get("/disputes/new")
def new_dispute() -> Response | str:
    """The form for a payment's dispute; one that is disputed leads to what became of that."""
    visit = page.visit()
    transfer = request.args.get("payment", "")
    settled = service.read(history.settled, transfer_id=transfer, viewer_id=visit.viewer_id)
    intent, stands = payments.payment(settled), service.read(payments.standing, settled=settled)
    if not stands.most_minor:
        if stands.dispute:
            return redirect(url_for("disputes_pages.dispute", id=stands.dispute.id))
        return redirect(url_for("history_pages.receipt", transfer=transfer))
    typed = to_major(stands.most_minor, currency(intent.currency))
    shown: dict[str, Any] = {"settled": settled, "intent": intent, "most": stands.most_minor, "typed": typed}
    return visit.show("disputes/new.html", reasons=list(Reason), days=ANSWER_DAYS, **shown)


@pages.get("/disputes/<id>")
def dispute(id: str) -> str:
    """One dispute: what was said, what happened, what comes next."""
    visit = page.visit()
    found = service.read(queries.of_payer, id=id, payer_id=visit.viewer_id)
    intent = service.read(intents.by_id, id=found.intent_id)
    shop = _seen(visit, {found.shop_id})[found.shop_id]
    return visit.show("disputes/dispute.html", found=found, intent=intent, shop=shop, steps=story.steps(found))


def _seen(visit: page.Visit, shop_ids: set[str]) -> dict[str, Person]:
    known = service.read(parties.by_ids, ids=shop_ids)
    return service.read(people.seen_by, viewer_id=visit.viewer_id, who=list(known.values()))
