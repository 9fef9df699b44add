"""How the doors of webhooks describe what they take and give."""

from __future__ import annotations

from merchant.api.description import (
    COUNT,
    FLAG,
    OBJECT,
    TEXT,
    TIME,
    body,
    choice,
    form,
    id_of,
    integer,
    list_of,
    map_of,
    named,
    nullable,
    text,
)
from merchant.callbacks.addresses import LONGEST_URL
from merchant.callbacks.deliveries import DeliveryState
from merchant.callbacks.faults import Fault
from merchant.webhooks.actions import LONGEST_DESCRIPTION, LONGEST_OVERLAP_S

_STATES = [each.value for each in DeliveryState]
_FAULTS = [each.value for each in Fault]
_ENDPOINT = {
    "id": id_of("whe"),
    "object": named("webhook_endpoint"),
    "url": TEXT,
    "description": TEXT,
    "events": list_of(TEXT),
    "is_disabled": FLAG,
    "disabled_why": nullable(choice("by_hand", "failing", "gone")),
    "health": choice("new", "well", "failing", "disabled"),
    "failing_since": nullable(TIME),
    "last_success_at": nullable(TIME),
    "old_secret_until": nullable(TIME),
    "created_at": TIME,
}
ENDPOINT = form("webhook_endpoint", **_ENDPOINT)
ENDPOINT_WITH_SECRET = form("webhook_endpoint_with_secret", **_ENDPOINT, secret=TEXT)
ENDPOINT_REMOVED = form(
    "webhook_endpoint_removed", id=id_of("whe"), object=named("webhook_endpoint"), is_removed={"const": True}
)
_SENT = {"url": text(LONGEST_URL), "events": list_of(TEXT), "description": text(LONGEST_DESCRIPTION)}
ENDPOINT_SENT = body("webhook_endpoint_sent", "url", **_SENT).like(
    url="https://shop.example/saoma", events=["intent.captured", "refund.succeeded"]
)
ENDPOINT_CHANGES = body("webhook_endpoint_changes", **_SENT, is_disabled=FLAG).like(is_disabled=True)
ROTATION = body("webhook_secret_rotation", overlap_s=integer(0, LONGEST_OVERLAP_S)).like(overlap_s=3600)
_DELIVERY = {
    "id": id_of("dlv"),
    "object": named("webhook_delivery"),
    "endpoint": TEXT,
    "event": TEXT,
    "type": TEXT,
    "subject": TEXT,
    "url": TEXT,
    "status": choice(*_STATES),
    "fault": nullable(choice(*_FAULTS)),
    "attempt_count": COUNT,
    "next_attempt_at": nullable(TIME),
    "created_at": TIME,
    "ended_at": nullable(TIME),
}
DELIVERY = form("webhook_delivery", **_DELIVERY)
ATTEMPT = form(
    "webhook_attempt",
    number=COUNT,
    at=TIME,
    status=nullable(COUNT),
    error=nullable(TEXT),
    took_ms=COUNT,
    fault=nullable(choice(*_FAULTS)),
    sent_headers=map_of(TEXT),
    answer=TEXT,
)
WHOLE_DELIVERY = form("webhook_delivery_with_attempts", **_DELIVERY, payload=OBJECT, attempts=list_of(ATTEMPT))
