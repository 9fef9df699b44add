"""The log of what was sent: deliveries and their tries, as the API and the pages tell them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from merchant.api import paging
from merchant.callbacks import deliveries
from merchant.callbacks.deliveries import Attempt, Delivery, DeliveryState
from merchant.webhooks.actions import KIND
from shared import clock
from shared.db.unit import Reader

SHELF = paging.Shelf(
    "callbacks_delivery", "dlv", deliveries.COLUMNS, "shop_id = :shop AND kind = :kind", order="number"
)
FILTERS = {
    "endpoint": "endpoint_id",
    "status": "state",
    "type": "event_type",
    "event": "event_id",
    "subject": "subject",
}
"""What the log is filtered by, and the column that says it."""


def listed(reader: Reader, *, page: paging.Page, shop_id: str) -> list[Delivery]:
    """A page of a shop's webhook deliveries, one more where there are more."""
    given = {name: value for name, value in page.filters.items() if name in FILTERS}
    where = " AND ".join(f"{FILTERS[name]} = :{name}" for name in given)
    found = paging.rows(reader, page, SHELF, where, shop=shop_id, kind=KIND, **given)
    return [deliveries.delivery(row) for row in found]


def one(reader: Reader, *, id: str, shop_id: str) -> tuple[Delivery, list[Attempt]]:
    """A webhook delivery of this shop with its tries; `unknown_delivery` otherwise."""
    found = deliveries.of_shop(reader, id=id, shop_id=shop_id)
    if found.kind != KIND:
        raise deliveries.UnknownDelivery()
    return found, deliveries.attempts_of(reader, delivery_ids=[id])[id]


def as_json(delivery: Delivery) -> dict[str, Any]:
    """A delivery as a list tells it."""
    is_pending = delivery.state is DeliveryState.PENDING
    return {
        "id": delivery.id,
        "object": "webhook_delivery",
        "endpoint": delivery.endpoint_id or "",
        "event": delivery.event_id,
        "type": delivery.event_type,
        "subject": delivery.subject,
        "url": delivery.url,
        "status": delivery.state.value,
        "fault": delivery.fault,
        "attempt_count": delivery.attempts,
        "next_attempt_at": clock.rfc3339(delivery.next_at) if is_pending else None,
        "created_at": clock.rfc3339(delivery.created_at),
        "ended_at": None if delivery.ended_at is None else clock.rfc3339(delivery.ended_at),
    }


def whole_as_json(delivery: Delivery, attempts: Sequence[Attempt]) -> dict[str, Any]:
    """A delivery with what was sent and what came back."""
    tries = [
        {
            "number": each.number,
            "at": clock.rfc3339(each.at),
            "status": each.status,
            "error": each.error,
            "took_ms": each.took_ms,
            "fault": each.fault,
            "sent_headers": dict(each.sent_headers),
            "answer": each.answer,
        }
        for each in attempts
    ]
    return as_json(delivery) | {"payload": json.loads(delivery.payload), "attempts": tries}
