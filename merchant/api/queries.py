"""The lists of /v1, each of one shop: where its rows lie, what it is filtered by, and the rows as values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from merchant.api import customers, event_json, forms, paging, shapes
from merchant.api.paging import BadCursor, Page, Shelf
from shared.db.unit import Reader
from shared.disputes import queries as disputes
from shared.disputes.queries import Dispute
from shared.disputes.states import DisputeState
from shared.errors import BadInput, NotFound
from shared.events import Event, party_topic
from shared.ids import is_id
from shared.payments import intents
from shared.payments.intents import PaymentIntent
from shared.payments.refunds import Refund
from shared.payments.states import IntentState
from shared.settlement import batches
from shared.settlement.batches import Batch, Line

_OF_SHOP = "shop_id = :shop"
_INTENTS = Shelf("payments_intent", "pi", "id", _OF_SHOP)
_REFUNDS = Shelf("payments_refund", "rf", ", ".join(Refund.__slots__), _OF_SHOP)
_REFUNDS_OF_ONE = Shelf(
    "payments_refund", "rf", _REFUNDS.columns, f"{_OF_SHOP} AND intent_id = :intent", oldest_first=True
)
_BATCHES = Shelf("settlement_batch", "bat", batches.COLUMNS, _OF_SHOP)
_PAYOUTS = Shelf("settlement_batch", "bat", batches.COLUMNS, f"{_OF_SHOP} AND payout_transfer_id IS NOT NULL")
_DISPUTES = Shelf("disputes_dispute", "dsp", "id", _OF_SHOP, order="opened_at")
_GIVEN_BACK = (
    "state IN ('open', 'answered') AND amount_minor <= (SELECT i.refunded_minor FROM payments_intent AS i"
    " WHERE i.id = intent_id) - given_before_minor"
)
"""A dispute whose amount was given back meanwhile reads as refunded, also before that is written down."""
_IN_STATUS = f"(CASE WHEN {_GIVEN_BACK} THEN 'refunded' ELSE state END) = :state"
_EVENTS = Shelf(
    "db_event", "evt", "seq, id, name, created_at, topics, body", "topics LIKE :topic AND name IN :names", order="seq"
)
INTENT_FILTERS = ("status", "reference", "customer", "created_from", "created_before")
CREATED = ("created_from", "created_before")


class UnknownEvent(NotFound):
    """No event goes by this name here."""

    code = "unknown_event"


def intents_of(reader: Reader, *, shop_id: str, page: Page, secret: bytes) -> list[PaymentIntent]:
    """A page of a shop's payment intents, filtered by status as its readers see it, reference, customer and time."""
    clauses, values = _created(page)
    if status := page.filters.get("status"):
        clause, more = _in_status(status, reader.now)
        clauses, values = [*clauses, clause], values | more
    if (reference := page.filters.get("reference")) is not None:
        clauses, values = [*clauses, "reference = :reference"], values | {"reference": reference}
    if (customer := page.filters.get("customer")) is not None:
        payer = customers.by_id(reader, id=customer, shop_id=shop_id, secret=secret).party_id
        clauses, values = [*clauses, "payer_id = :payer"], values | {"payer": payer}
    ids = [row[0] for row in paging.rows(reader, page, _INTENTS, " AND ".join(clauses), shop=shop_id, **values)]
    found = intents.by_ids(reader, ids=ids)
    return [found[id] for id in ids]


def refunds_of(reader: Reader, *, shop_id: str, page: Page) -> list[Refund]:
    """A page of a shop's refunds; of one intent's, the oldest first, where the page names it."""
    clauses, values = _created(page)
    intent = page.filters.get("payment_intent")
    if intent is not None:
        intents.of_shop(reader, id=intent if is_id(intent, "pi") else "", shop_id=shop_id)
        values |= {"intent": intent}
    shelf = _REFUNDS if intent is None else _REFUNDS_OF_ONE
    return [Refund(*row) for row in paging.rows(reader, page, shelf, " AND ".join(clauses), shop=shop_id, **values)]


def batches_of(reader: Reader, *, shop_id: str, page: Page) -> list[Batch]:
    """A page of a shop's settlement batches."""
    return _batches(reader, _BATCHES, shop_id, page, forms.BATCH_STATES)


def payouts_of(reader: Reader, *, shop_id: str, page: Page) -> list[Batch]:
    """A page of the batches that paid a shop something out; its cursors are payouts."""
    try:
        after, before = (name and shapes.batch_id(name) for name in (page.after, page.before))
    except shapes.UnknownPayout:
        raise BadCursor() from None
    return _batches(reader, _PAYOUTS, shop_id, replace(page, after=after, before=before), forms.PAYOUT_STATES)


def lines_of(reader: Reader, *, batch_id: str, shop_id: str, page: Page) -> list[Line]:
    """A page of what is in a batch of this shop, in the order in which it happened."""
    batches.of_shop(reader, id=batch_id if is_id(batch_id, "bat") else "", shop_id=shop_id)
    lines = batches.lines(reader, batch_id=batch_id)
    return paging.part_of(page, lines, lambda line: line.source_id)


def disputes_of(reader: Reader, *, shop_id: str, page: Page) -> list[Dispute]:
    """A page of the disputes about a shop, filtered by status as their readers see it, payment intent and time."""
    clauses, values = _created(page, "opened_at")
    if (intent := page.filters.get("payment_intent")) is not None:
        clauses, values = [*clauses, "intent_id = :intent"], values | {"intent": intent}
    if (status := page.filters.get("status")) is not None:
        if status not in list(DisputeState):
            raise BadInput(field="status")
        clauses, values = [*clauses, _IN_STATUS], values | {"state": status}
    ids = [row[0] for row in paging.rows(reader, page, _DISPUTES, " AND ".join(clauses), shop=shop_id, **values)]
    return [disputes.by_id(reader, id=id) for id in ids]


def events_of(reader: Reader, *, shop_id: str, page: Page) -> list[Event]:
    """A page of the events that a shop's programs may hear of, filtered by type and time."""
    clauses, values = _created(page)
    kind = page.filters.get("type")
    if kind is not None and kind not in event_json.PUBLIC:
        raise BadInput(field="type")
    found = paging.rows(
        reader, page, _EVENTS, " AND ".join(clauses), topic=_topic(shop_id),
        names=sorted(event_json.PUBLIC if kind is None else [kind]), **values,
    )  # fmt: skip
    return [_event(row) for row in found]


def event_of(reader: Reader, *, id: str, shop_id: str) -> Event:
    """One event that this shop's programs may hear of; `unknown_event` otherwise."""
    rows = reader.sql.rows(
        f"SELECT {_EVENTS.columns} FROM db_event WHERE id = :id AND {_EVENTS.scope}",
        id=id if is_id(id, "evt") else "",
        topic=_topic(shop_id),
        names=sorted(event_json.PUBLIC),
    )
    if not rows:
        raise UnknownEvent()
    return _event(rows[0])


def _batches(reader: Reader, shelf: Shelf, shop_id: str, page: Page, states: Sequence[str]) -> list[Batch]:
    clauses, values = _created(page)
    if (status := page.filters.get("status")) is not None:
        if status not in states:
            raise BadInput(field="status")
        clauses, values = [*clauses, "state = :state"], values | {"state": status}
    return [Batch(*row) for row in paging.rows(reader, page, shelf, " AND ".join(clauses), shop=shop_id, **values)]


def _created(page: Page, column: str = "created_at") -> tuple[list[str], dict[str, Any]]:
    """The clauses of `created_from` and `created_before`, with their values."""
    clauses, values = [], {}
    for name, way in zip(CREATED, (">=", "<"), strict=True):
        if (moment := page.moment(name)) is not None:
            clauses.append(f"{column} {way} :{name}")
            values[name] = moment
    return clauses, values


def _in_status(status: str, now: int) -> tuple[str, dict[str, Any]]:
    """The intents that are in a status for whoever reads them: those whose time is over have expired."""
    if status not in list(IntentState):
        raise BadInput(field="status")
    late = {"state": status, "now": now, "limit": now - intents.GRACE_MS}
    due = (
        "(state IN ('requires_payment', 'requires_confirmation') AND expires_at < :limit"
        " OR state = 'authorized' AND authorized_until <= :now)"
    )
    if status == IntentState.EXPIRED:
        return f"(state = :state OR {due})", late
    return f"(state = :state AND NOT {due})", late


def _topic(shop_id: str) -> str:
    return f'%"{party_topic(shop_id)}"%'


def _event(row: tuple[Any, ...]) -> Event:
    seq, id, name, created_at, topics, body = row
    return Event(seq, id, name, created_at, tuple(json.loads(topics)), json.loads(body))
