"""Refunds over the API: give money back, and look at what was given back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, jsonify, request

from merchant import service
from merchant.api import entry, expanding, forms, paging, queries
from merchant.api.description import Query, described, text
from merchant.api.paging import Page
from merchant.checkout import afterwards, sales
from shared.db.unit import Reader
from shared.errors import BadInput
from shared.payments import refunds
from shared.web import body

doors = entry.doors_of("api_refunds")
_KIND = "refund"
_OF = Query("payment_intent", text(60), "Only those of this payment intent; the oldest first then, 100 at a time.")
_AFTER = Query("after", text(60), "With `payment_intent`: another name of `starting_after`.")


@doors.post("/refunds")
@entry.allows("refunds:write", status=201)
@described(
    "Create a refund",
    sent=forms.REFUND_SENT,
    answers={201: forms.REFUND},
    refuses=("unknown_intent", "invalid_amount", "bad_field", "intent_closed", "refund_exceeds_captured",
             "insufficient_funds", "no_server_key", "party_frozen", "revoked_key"),
)  # fmt: skip
def create_refund() -> tuple[Response, int]:
    """Give back what is left of what was captured, or a part of it. Several may be."""
    given = body.read().only("payment_intent", "amount_minor", "reason")
    return jsonify(afterwards.refunded(shop_id=entry.shop().id, id=given.text("payment_intent"), given=given)), 201


@doors.get("/refunds/<id>")
@entry.allows("refunds:read")
@described(
    "Read a refund",
    query=(expanding.query(_KIND),),
    answers={200: forms.REFUND},
    refuses=("unknown_refund", "bad_expand"),
)
def show_refund(id: str) -> Response:
    """One refund."""
    paging.once_each(also=expanding.NAMES)
    wanted, seen_by = expanding.asked(_KIND), expanding.eye(entry.shop().id)
    return jsonify(service.read(_shown, id=id, wanted=wanted, seen_by=seen_by))


@doors.get("/refunds")
@entry.allows("refunds:read")
@described(
    "List refunds",
    query=(*paging.QUERY, _OF, _AFTER, *forms.CREATED, expanding.query(_KIND)),
    answers={200: forms.REFUNDS},
    refuses=(*paging.REFUSES, "unknown_intent", "bad_expand"),
)
def list_refunds() -> Response:
    """The shop's refunds, the newest first; those of one payment intent in the order in which they were made."""
    page, wanted = _page(), expanding.asked(_KIND)
    return jsonify(service.read(_listed, page=page, wanted=wanted, seen_by=expanding.eye(entry.shop().id)))


def _page() -> Page:
    """The page that is asked for, with the names that lists of an intent's refunds had before there were others."""
    page = paging.asked("payment_intent", "after", *queries.CREATED, also=expanding.NAMES)
    after = page.filters.pop("after", None)
    if "payment_intent" in page.filters and "limit" not in request.args:
        page = replace(page, limit=paging.MOST)
    if after is None:
        return page
    if page.cursor or "payment_intent" not in page.filters:
        raise BadInput(field="after")
    return replace(page, after=after)


def _listed(reader: Reader, *, page: Page, wanted: list[str], seen_by: expanding.Eye) -> dict[str, Any]:
    found = queries.refunds_of(reader, shop_id=seen_by.shop_id, page=page)
    listed = paging.answer(page, found, sales.refund_as_json)
    return listed | {"data": expanding.expand(reader, _KIND, listed["data"], wanted, seen_by)}


def _shown(reader: Reader, *, id: str, wanted: list[str], seen_by: expanding.Eye) -> dict[str, Any]:
    told = sales.refund_as_json(refunds.of_shop(reader, id=id, shop_id=seen_by.shop_id))
    return expanding.expand(reader, _KIND, [told], wanted, seen_by)[0]
