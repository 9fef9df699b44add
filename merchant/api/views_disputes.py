"""Disputes over the API: who complains about what, and the shop's answer; pictures of it go by the till's page."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from merchant import service
from merchant.activity import log
from merchant.api import entry, expanding, forms, paging, queries, shapes
from merchant.api.description import Query, choice, described, text
from merchant.api.paging import Page
from merchant.checkout import afterwards
from shared.db.unit import Reader, UnitOfWork
from shared.disputes import actions as disputes
from shared.disputes import queries as found_disputes
from shared.disputes.actions import ANSWER_BYTES
from shared.disputes.queries import Dispute
from shared.disputes.states import DisputeState
from shared.identity import wording
from shared.web import body

doors = entry.doors_of("api_disputes")
_KIND = "dispute"
_ENDED = ("unknown_dispute", "dispute_closed")
_QUERY = (
    Query("status", choice(*DisputeState), "Only those in this status."),
    Query("payment_intent", text(paging.LONGEST_VALUE), "Only those about this payment intent."),
    *forms.CREATED,
)


@doors.get("/disputes")
@entry.allows("disputes:read")
@described(
    "List disputes",
    query=(*paging.QUERY, *_QUERY, expanding.query(_KIND)),
    answers={200: forms.DISPUTES},
    refuses=(*paging.REFUSES, "bad_expand"),
)
def list_disputes() -> Response:
    """The complaints about the shop's payments, the newest first."""
    names = ("status", "payment_intent", *queries.CREATED)
    page, wanted = paging.asked(*names, also=expanding.NAMES), expanding.asked(_KIND)
    return jsonify(service.read(_listed, page=page, wanted=wanted, seen_by=expanding.eye(entry.shop().id)))


@doors.get("/disputes/<id>")
@entry.allows("disputes:read")
@described(
    "Read a dispute",
    query=(expanding.query(_KIND),),
    answers={200: forms.DISPUTE},
    refuses=("unknown_dispute", "bad_expand"),
)
def show_dispute(id: str) -> Response:
    """One complaint, and what became of it."""
    paging.once_each(also=expanding.NAMES)
    wanted, seen_by = expanding.asked(_KIND), expanding.eye(entry.shop().id)
    return jsonify(service.read(_shown, id=id, wanted=wanted, seen_by=seen_by))


@doors.post("/disputes/<id>/answer")
@entry.allows("disputes:write")
@described(
    "Answer a dispute",
    sent=forms.ANSWER_SENT,
    answers={200: forms.DISPUTE},
    refuses=(*_ENDED, "dispute_answered", "answer_too_late", "bad_name"),
)
def answer_dispute(id: str) -> Response:
    """The shop's side of it, once, until `answer_by`; the operator decides then."""
    given = body.read().only("words")
    words, shop_id = wording.fitted(given.text("words"), ANSWER_BYTES), entry.shop().id
    return jsonify(afterwards.run_once(shop_id, given, _answer, dispute_id=id, shop_id=shop_id, words=words))


@doors.post("/disputes/<id>/accept")
@entry.allows("disputes:write")
@described(
    "Accept a dispute",
    answers={200: forms.DISPUTE},
    refuses=(*_ENDED, "insufficient_funds", "party_frozen", "no_server_key"),
)
def accept_dispute(id: str) -> Response:
    """The payer is right: they are paid at once, and it comes off the shop's next settlement."""
    given, shop_id = entry.optional_body().only(), entry.shop().id
    done = afterwards.run_once(shop_id, given, _accept, dispute_id=id, shop_id=shop_id, secret=service.secret())
    return jsonify(done)


def _answer(uow: UnitOfWork, *, dispute_id: str, shop_id: str, words: str) -> dict[str, Any]:
    done = disputes.answer(uow, dispute_id=dispute_id, shop_id=shop_id, words=words)
    return _noted(uow, "dispute.answered", done, done.left_minor)


def _accept(uow: UnitOfWork, *, dispute_id: str, shop_id: str, secret: bytes) -> dict[str, Any]:
    done = disputes.accept(uow, dispute_id=dispute_id, shop_id=shop_id, secret=secret)
    return _noted(uow, "dispute.accepted", done, done.paid_minor)


def _noted(uow: UnitOfWork, what: str, done: Dispute, amount_minor: int) -> dict[str, Any]:
    """Write down that a program did it; the dispute as it stands then."""
    log.note(
        uow,
        shop_id=done.shop_id,
        member_id=None,
        terminal_id=None,
        what=what,
        subject=done.id,
        details={"amount_minor": amount_minor},
    )
    return shapes.dispute(done)


def _listed(reader: Reader, *, page: Page, wanted: list[str], seen_by: expanding.Eye) -> dict[str, Any]:
    found = queries.disputes_of(reader, shop_id=seen_by.shop_id, page=page)
    listed = paging.answer(page, found, shapes.dispute)
    return listed | {"data": expanding.expand(reader, _KIND, listed["data"], wanted, seen_by)}


def _shown(reader: Reader, *, id: str, wanted: list[str], seen_by: expanding.Eye) -> dict[str, Any]:
    told = shapes.dispute(found_disputes.of_shop(reader, id=id, shop_id=seen_by.shop_id))
    return expanding.expand(reader, _KIND, [told], wanted, seen_by)[0]
