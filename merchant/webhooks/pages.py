"""The pages of a shop's webhooks: its endpoints, what was sent to them, and one delivery with each of its tries."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from flask import render_template, request

from merchant import service, signed_in
from merchant.api.event_json import PUBLIC
from merchant.api.paging import Page
from merchant.callbacks.deliveries import Delivery, DeliveryState
from merchant.staff.roles import Role, needs
from merchant.webhooks import actions, endpoints, log
from merchant.webhooks.endpoints import Endpoint
from shared.db.unit import Reader
from shared.ids import is_id

doors = signed_in.pages("webhooks", "/developer/webhooks")
_A_PAGE = 20
_OVERLAPS_S = (0, 3600, 86_400, 7 * 86_400)
_LINKED = {"pi": "inspector/payments/", "dsp": "disputes/"}
"""The page about what a delivery is about, by the prefix of its id."""


@doors.context_processor
def furnish() -> dict[str, Any]:
    """What the pages' macros call."""
    return {"place_of": _place_of, "leads_to": _leads_to}


@doors.get("")
@needs(Role.MANAGER)
def overview() -> str:
    """The endpoints and how they are, and what was sent last."""
    found = service.read(_overview, shop_id=service.at().shop.id, page=_asked())
    return render_template("till/webhooks.html", states=list(DeliveryState), **_choices(), **found)


@doors.get("/<id>")
@needs(Role.MANAGER)
def endpoint(id: str) -> str:
    """One endpoint: where, what it hears, how it is, what was sent to it."""
    found = service.read(_endpoint, id=id, shop_id=service.at().shop.id, page=_asked(endpoint=id))
    return render_template("till/webhook.html", states=list(DeliveryState), overlaps=_OVERLAPS_S, **_choices(), **found)


@doors.get("/deliveries/<id>")
@needs(Role.MANAGER)
def delivery(id: str) -> str:
    """One delivery: what it said, and each try with what came back."""
    found, attempts = service.read(log.one, id=id, shop_id=service.at().shop.id)
    here = service.read(endpoints.find, id=found.endpoint_id or "")
    payload = json.dumps(json.loads(found.payload), indent=2, ensure_ascii=False)
    shown = {"payload": payload, "attempts": attempts, "endpoint": here}
    return render_template("till/webhook_delivery.html", found=found, **shown)


def _asked(**filters: str) -> Page:
    """The part of the log that this request asks for."""
    after, status = request.args.get("after", ""), request.args.get("status", "")
    if status in list(DeliveryState):
        filters["status"] = status
    return Page(_A_PAGE, after if is_id(after, "dlv") else None, None, filters)


def _overview(reader: Reader, *, shop_id: str, page: Page) -> dict[str, Any]:
    return {"all": endpoints.all_of_shop(reader, shop_id=shop_id), **_log(reader, shop_id, page)}


def _endpoint(reader: Reader, *, id: str, shop_id: str, page: Page) -> dict[str, Any]:
    found = endpoints.of_shop(reader, id=id, shop_id=shop_id)
    is_rotating = len(found.generations(reader.now)) > 1
    return {"found": found, "is_rotating": is_rotating, **_log(reader, shop_id, page)}


def _log(reader: Reader, shop_id: str, page: Page) -> dict[str, Any]:
    sent, has_more = page.cut(log.listed(reader, page=page, shop_id=shop_id))
    return {"sent": sent, "older": sent[-1].id if has_more else None, "chosen": page.filters.get("status", "")}


def _choices() -> dict[str, Any]:
    """The events that an endpoint can hear of, by what they are about."""
    nouns: dict[str, list[str]] = {}
    for name in sorted(PUBLIC):
        nouns.setdefault(name.partition(".")[0], []).append(name)
    return {"nouns": nouns, "longest": actions.LONGEST_DESCRIPTION}


def _place_of(shown: Endpoint | Delivery) -> str:
    """An address without what is the same in all of them."""
    parts = urlsplit(shown.url)
    return parts.netloc + (parts.path if parts.path != "/" else "")


def _leads_to(shown: Delivery) -> str:
    start = _LINKED.get(shown.subject.partition("_")[0])
    return start + shown.subject if start else ""
