"""Events and customers over the API: what happened at the shop, and who has paid there."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from merchant import service
from merchant.api import customers, entry, event_json, forms, paging, queries
from merchant.api.description import Query, choice, described
from merchant.api.paging import Page
from shared.config import Config
from shared.db.unit import Reader

doors = entry.doors_of("api_events")
_QUERY = (Query("type", choice(*sorted(event_json.PUBLIC)), "Only those of this type."), *forms.CREATED)


@doors.get("/events")
@entry.allows("events:read")
@described("List events", query=(*paging.QUERY, *_QUERY), answers={200: forms.EVENTS}, refuses=paging.REFUSES)
def list_events() -> Response:
    """What happened at the shop, the newest first, each with its thing as it stands now: what webhooks tell too."""
    page = paging.asked("type", *queries.CREATED)
    return jsonify(service.read(_events, shop_id=entry.shop().id, page=page, config=service.config()))


@doors.get("/events/<id>")
@entry.allows("events:read")
@described("Read an event", answers={200: forms.EVENT}, refuses=("unknown_event",))
def show_event(id: str) -> Response:
    """One event, with its thing as it stands now."""
    paging.once_each()
    return jsonify(service.read(_event, id=id, shop_id=entry.shop().id, config=service.config()))


@doors.get("/customers")
@entry.allows("customers:read")
@described("List customers", query=paging.QUERY, answers={200: forms.CUSTOMERS}, refuses=paging.REFUSES)
def list_customers() -> Response:
    """Whoever has paid at this shop, the newest first, each under a name that is theirs here alone."""
    page = paging.asked()
    return jsonify(service.read(_customers, shop_id=entry.shop().id, page=page, secret=service.secret()))


@doors.get("/customers/<id>")
@entry.allows("customers:read")
@described("Read a customer", answers={200: forms.CUSTOMER}, refuses=("unknown_customer",))
def show_customer(id: str) -> Response:
    """One customer: first letter, when they paid first and last, how often and how much."""
    paging.once_each()
    return jsonify(service.read(_customer, id=id, shop_id=entry.shop().id, secret=service.secret()))


def _events(reader: Reader, *, shop_id: str, page: Page, config: Config) -> dict[str, Any]:
    found = queries.events_of(reader, shop_id=shop_id, page=page)
    return paging.answer(page, found, lambda event: event_json.as_json(reader, event, config=config))


def _event(reader: Reader, *, id: str, shop_id: str, config: Config) -> dict[str, Any]:
    found = queries.event_of(reader, id=id, shop_id=shop_id)
    return event_json.as_json(reader, found, config=config)


def _customers(reader: Reader, *, shop_id: str, page: Page, secret: bytes) -> dict[str, Any]:
    everybody = customers.of_shop(reader, shop_id=shop_id, secret=secret)
    listed = paging.answer(page, paging.part_of(page, everybody, lambda each: each.id), lambda each: each)
    return listed | {"data": customers.as_json(reader, listed["data"])}


def _customer(reader: Reader, *, id: str, shop_id: str, secret: bytes) -> dict[str, Any]:
    return customers.as_json(reader, [customers.by_id(reader, id=id, shop_id=shop_id, secret=secret)])[0]
