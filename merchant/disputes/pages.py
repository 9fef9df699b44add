"""The disputes' pages: the list with what waits first, one dispute with its sale, and the pictures of the answer."""

from __future__ import annotations

from flask import Response, render_template

from merchant import service, signed_in
from merchant.staff.roles import Role, needs
from shared.db import outbox
from shared.db.unit import Reader
from shared.disputes import queries, story
from shared.disputes.pictures import MEDIA_TYPE, MOST
from shared.disputes.queries import Dispute
from shared.disputes.states import UNDECIDED, DisputeState
from shared.identity import names, parties
from shared.payments import intents
from shared.payments.intents import PaymentIntent

MOST_UNDECIDED, MOST_ENDED = 1000, 200

doors = signed_in.pages("dispute_pages", "/disputes")


@doors.get("")
@needs(Role.MANAGER)
def dispute_list() -> str:
    """Who complains about what: what waits for an answer first."""
    found, last_seq, now = service.read(_listed, shop_id=service.at().shop.id)
    waiting = [each for each in found if each.waits_for_shop(now)]
    deciding = [each for each in found if each.is_undecided and each not in waiting]
    ended = [each for each in found if not each.is_undecided]
    shelves = [("waiting", waiting), ("deciding", deciding), ("ended", ended)]
    return render_template("till/disputes.html", shelves=[one for one in shelves if one[1]], last_seq=last_seq)


@doors.get("/<id>")
@needs(Role.MANAGER)
def dispute(id: str) -> str:
    """One dispute: what the payer says, the sale that it is about, what the shop can do."""
    found, intent, payer, last_seq, now = service.read(_one, id=id, shop_id=service.at().shop.id)
    shown = {"steps": story.steps(found), "can_answer": found.waits_for_shop(now), "most_pictures": MOST}
    return render_template("till/dispute.html", found=found, intent=intent, payer=payer, last_seq=last_seq, **shown)


@doors.get("/<id>/pictures/<int:position>")
@needs(Role.MANAGER)
def picture(id: str, position: int) -> Response:
    """A picture of the shop's answer."""
    found = service.read(queries.of_shop, id=id, shop_id=service.at().shop.id)
    shown = service.read(queries.picture, dispute_id=found.id, position=min(position, 99))
    return Response(shown.content, mimetype=MEDIA_TYPE)


def _listed(reader: Reader, *, shop_id: str) -> tuple[list[Dispute], int, int]:
    """Whatever is not decided yet, and the newest of those that have ended."""
    undecided = [state.value for state in UNDECIDED]
    ended = [state.value for state in DisputeState if state not in UNDECIDED]
    found = queries.list_of_shop(reader, shop_id=shop_id, states=undecided, limit=MOST_UNDECIDED)
    found += queries.list_of_shop(reader, shop_id=shop_id, states=ended, limit=MOST_ENDED)
    return found, outbox.last_seq(reader), reader.now


def _one(reader: Reader, *, id: str, shop_id: str) -> tuple[Dispute, PaymentIntent, str, int, int]:
    found = queries.of_shop(reader, id=id, shop_id=shop_id)
    payer = names.initial_only(parties.by_id(reader, id=found.payer_id).display_name)
    return found, intents.by_id(reader, id=found.intent_id), payer, outbox.last_seq(reader), reader.now
