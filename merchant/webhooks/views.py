"""The doors of /v1 to a shop's webhook endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify

from merchant import service
from merchant.api import entry, paging
from merchant.api.description import described, page_of
from merchant.callbacks import addresses
from merchant.checkout import afterwards
from merchant.webhooks import actions, endpoints, forms, log, signing
from merchant.webhooks.endpoints import Endpoint
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput
from shared.web import body
from shared.web.body import Body

doors = entry.doors_of("webhook_endpoints")
_SHELF = paging.Shelf(
    "webhooks_endpoint", endpoints.PREFIX, endpoints.COLUMNS, "shop_id = :shop AND deleted_at IS NULL"
)
_UNKNOWN = ("unknown_endpoint",)
_WRONG = ("bad_callback_url", "unknown_event_name")


@doors.post("/webhook_endpoints")
@entry.allows("webhook_endpoints:write", status=201)
@described(
    "Make a webhook endpoint",
    sent=forms.ENDPOINT_SENT,
    answers={201: forms.ENDPOINT_WITH_SECRET},
    refuses=("too_many_endpoints", *_WRONG),
)
def create_endpoint() -> tuple[Response, int]:
    """Have events sent to `url` from now on, all of them unless `events` names some.

    The `secret` that signs them is shown here and never again.
    """
    given = body.read().only("url", "events", "description")
    asked = {"url": None, "description": "", "names": (endpoints.ALL,)} | _asked(given)
    if asked["url"] is None:
        raise BadInput(field="url")
    action = _with_secret(actions.create, service.secret())
    made = afterwards.run_once_secretly(entry.shop().id, given, action, shop_id=entry.shop().id, **asked)
    return jsonify(made), 201


@doors.get("/webhook_endpoints")
@entry.allows("webhook_endpoints:read")
@described(
    "List webhook endpoints",
    query=paging.QUERY,
    answers={200: page_of(forms.ENDPOINT)},
    refuses=paging.REFUSES,
)
def list_endpoints() -> Response:
    """The shop's endpoints, the newest first."""
    page = paging.asked()
    found = service.read(_listed, page=page, shop_id=entry.shop().id)
    return jsonify(paging.answer(page, found, Endpoint.as_json))


@doors.get("/webhook_endpoints/<id>")
@entry.allows("webhook_endpoints:read")
@described("Read a webhook endpoint", answers={200: forms.ENDPOINT}, refuses=_UNKNOWN)
def show_endpoint(id: str) -> Response:
    """One endpoint, and how it is: `new`, `well`, `failing` or `disabled`."""
    return jsonify(service.read(endpoints.of_shop, id=id, shop_id=entry.shop().id).as_json())


@doors.post("/webhook_endpoints/<id>")
@entry.allows("webhook_endpoints:write")
@described(
    "Change a webhook endpoint",
    sent=forms.ENDPOINT_CHANGES,
    is_sent_optional=True,
    answers={200: forms.ENDPOINT},
    refuses=(*_UNKNOWN, *_WRONG),
)
def update_endpoint(id: str) -> Response:
    """Change its address, its events or its description, or switch it off and on. What waits goes to the new address;
    what waits when it is switched off is not sent.
    """
    given = entry.optional_body().only("url", "events", "description", "is_disabled")
    asked = _asked(given) | ({"is_disabled": given.flag("is_disabled")} if given.has("is_disabled") else {})
    return jsonify(afterwards.run_once(entry.shop().id, given, _updated, id=id, shop_id=entry.shop().id, **asked))


@doors.delete("/webhook_endpoints/<id>")
@entry.allows("webhook_endpoints:write")
@described("Remove a webhook endpoint", answers={200: forms.ENDPOINT_REMOVED}, refuses=_UNKNOWN)
def remove_endpoint(id: str) -> Response:
    """Send nothing there any more."""
    entry.optional_body().only()
    found = service.run(actions.remove, id=id, shop_id=entry.shop().id)
    return jsonify({"id": found.id, "object": "webhook_endpoint", "is_removed": True})


@doors.post("/webhook_endpoints/<id>/rotate_secret")
@entry.allows("webhook_endpoints:write")
@described(
    "Rotate a webhook endpoint's secret",
    sent=forms.ROTATION,
    is_sent_optional=True,
    answers={200: forms.ENDPOINT_WITH_SECRET},
    refuses=_UNKNOWN,
)
def rotate_secret(id: str) -> Response:
    """Make another secret, shown here and never again. For `overlap_s` seconds, a day unless given, messages carry two
    signatures, by the new secret and by the old one.
    """
    given = entry.optional_body().only("overlap_s")
    overlap_s = given.integer("overlap_s") if given.has("overlap_s") else actions.USUAL_OVERLAP_S
    shop_id = entry.shop().id
    action = _with_secret(actions.rotate, service.secret())
    done = afterwards.run_once_secretly(shop_id, given, action, id=id, shop_id=shop_id, overlap_s=overlap_s)
    return jsonify(done)


@doors.post("/webhook_endpoints/<id>/test")
@entry.allows("webhook_endpoints:write", status=201)
@described("Send a test event", answers={201: forms.DELIVERY}, refuses=(*_UNKNOWN, "endpoint_disabled"))
def send_test(id: str) -> tuple[Response, int]:
    """Send an event of the type `webhook_endpoint.test` to this endpoint alone; the delivery."""
    given = entry.optional_body().only()
    return jsonify(afterwards.run_once(entry.shop().id, given, _tested, id=id, shop_id=entry.shop().id)), 201


def asked_url(given: Body) -> str:
    """The address in a body that callbacks may be sent to; `bad_callback_url` otherwise."""
    url = given.text("url", longest=addresses.LONGEST_URL).strip()
    addresses.target(url, is_sandbox=service.config().is_sandbox)
    return url


def with_secret(endpoint: Endpoint, secret: bytes) -> dict[str, Any]:
    """The endpoint as it is told once, when its secret is new."""
    shown = signing.secret_of(secret, endpoint_id=endpoint.id, generation=endpoint.generation)
    return endpoint.as_json() | {"secret": signing.shown(shown)}


def _asked(given: Body) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    if given.has("url"):
        asked["url"] = asked_url(given)
    if given.has("description"):
        asked["description"] = given.text("description", longest=actions.LONGEST_DESCRIPTION)
    if given.has("events"):
        names = given.as_dict()["events"]
        if not isinstance(names, list):
            raise BadInput(field="events")
        asked["names"] = actions.checked_events(names)
    return asked


def _listed(reader: Reader, *, page: paging.Page, shop_id: str) -> list[Endpoint]:
    return [endpoints.endpoint(row) for row in paging.rows(reader, page, _SHELF, shop=shop_id)]


def _with_secret(action: Callable[..., Endpoint], secret: bytes) -> Callable[..., dict[str, Any]]:
    return lambda uow, **asked: with_secret(action(uow, **asked), secret)


def _updated(uow: UnitOfWork, **asked: Any) -> dict[str, Any]:
    return actions.update(uow, **asked).as_json()


def _tested(uow: UnitOfWork, **asked: Any) -> dict[str, Any]:
    return log.as_json(actions.send_test(uow, **asked))
