"""The doors of /v1 to what was sent to a shop's endpoints: read it, send it again."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from merchant import service
from merchant.api import entry, paging
from merchant.api.description import Query, choice, described, page_of, text
from merchant.callbacks.deliveries import DeliveryState
from merchant.checkout import afterwards
from merchant.webhooks import actions, forms, log
from shared.db.unit import UnitOfWork
from shared.errors import BadInput

doors = entry.doors_of("webhook_deliveries")
_STATES = [each.value for each in DeliveryState]
_FILTERS = (
    Query("endpoint", text(paging.LONGEST_VALUE), "Those to this endpoint."),
    Query("status", choice(*_STATES), "Those that stand so."),
    Query("type", text(paging.LONGEST_VALUE), "Those that tell of events of this type."),
    Query("event", text(paging.LONGEST_VALUE), "Those that tell of this event."),
    Query("subject", text(paging.LONGEST_VALUE), "Those about this payment intent, dispute, batch …"),
)


@doors.get("/webhook_deliveries")
@entry.allows("webhook_deliveries:read")
@described(
    "List webhook deliveries",
    query=(*paging.QUERY, *_FILTERS),
    answers={200: page_of(forms.DELIVERY)},
    refuses=paging.REFUSES,
)
def list_deliveries() -> Response:
    """What was sent to the shop's endpoints and what waits to be, the newest first."""
    page = paging.asked(*log.FILTERS)
    if page.filters.get("status", _STATES[0]) not in _STATES:
        raise BadInput(field="status")
    found = service.read(log.listed, page=page, shop_id=entry.shop().id)
    return jsonify(paging.answer(page, found, log.as_json))


@doors.get("/webhook_deliveries/<id>")
@entry.allows("webhook_deliveries:read")
@described("Read a webhook delivery", answers={200: forms.WHOLE_DELIVERY}, refuses=("unknown_delivery",))
def show_delivery(id: str) -> Response:
    """One delivery, what it said, and each try with what came back."""
    return jsonify(log.whole_as_json(*service.read(log.one, id=id, shop_id=entry.shop().id)))


@doors.post("/webhook_deliveries/<id>/redeliver")
@entry.allows("webhook_deliveries:write")
@described("Send a delivery again", answers={200: forms.DELIVERY}, refuses=("unknown_delivery", "endpoint_disabled"))
def redeliver(id: str) -> Response:
    """Send it once more, now: the same event under the same id. The back-off begins anew."""
    given = entry.optional_body().only()
    return jsonify(afterwards.run_once(entry.shop().id, given, _again, id=id, shop_id=entry.shop().id))


def _again(uow: UnitOfWork, *, id: str, shop_id: str) -> dict[str, Any]:
    return log.as_json(actions.redeliver(uow, id=id, shop_id=shop_id))
