"""What a shop's programs hear of the journal: which events are theirs, and how one looks in JSON.

An event carries the thing that it is about as it stands now, in the shape of that thing's own GET: whoever hears of
events late or out of order is never told something that is over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from merchant.api import entry, intent_json, shapes
from merchant.checkout import sales
from merchant.webhooks import endpoints
from shared import clock
from shared.config import Config
from shared.db.unit import Reader
from shared.disputes import queries as disputes
from shared.events import Event
from shared.payments import intents, refunds
from shared.settlement import batches

PUBLIC: frozenset[str] = frozenset(
    {
        "intent.created", "intent.updated", "intent.scanned", "intent.confirmation_required", "intent.authorized",
        "intent.captured", "intent.declined", "intent.canceled", "intent.expired", "intent.voided", "intent.refunded",
        "intent.made_good", "intent.became_unknown", "intent.payment_refused", "refund.succeeded",
        "batch.closed", "batch.paid", "batch.returned", "payout.created", "payout.paid", "payout.returned",
        "dispute.opened", "dispute.answered", "dispute.decided", "dispute.withdrawn", "dispute.refunded",
        "webhook_endpoint.disabled",
    }
)  # fmt: skip
"""Every name that a shop's programs may hear; the rest of the journal is nobody's business outside."""
_SHOP = "party:shp_"


def is_public(event: Event) -> bool:
    """Whether an event is one that some shop's programs hear of."""
    return event.name in PUBLIC and shop_of(event) is not None


def shop_of(event: Event) -> str | None:
    """The shop that an event concerns; None when it concerns none."""
    return next((topic.removeprefix("party:") for topic in event.topics if topic.startswith(_SHOP)), None)


def as_json(reader: Reader, event: Event, *, config: Config) -> dict[str, Any]:
    """A public event with its thing as it stands; the settings say where codes and pages are."""
    return {
        "id": event.id,
        "object": "event",
        "type": event.name,
        "created_at": clock.rfc3339(event.created_at),
        "api_version": entry.VERSION,
        "data": {"object": _THINGS[event.name.partition(".")[0]](reader, event, config)},
    }


def _intent(reader: Reader, event: Event, config: Config) -> dict[str, Any]:
    return intent_json.told(reader, intents.by_id(reader, id=event.body["intent"]), config=config)


def _refund(reader: Reader, event: Event, config: Config) -> dict[str, Any]:
    return sales.refund_as_json(refunds.of_shop(reader, id=event.body["refund"], shop_id=shop_of(event) or ""))


def _batch(reader: Reader, event: Event, config: Config) -> dict[str, Any]:
    return shapes.batch(batches.by_id(reader, id=event.body["batch"]))


def _payout(reader: Reader, event: Event, config: Config) -> dict[str, Any]:
    return shapes.payout(batches.by_id(reader, id=event.body["batch"]))


def _dispute(reader: Reader, event: Event, config: Config) -> dict[str, Any]:
    return shapes.dispute(disputes.by_id(reader, id=event.body["dispute"]))


def _webhook_endpoint(reader: Reader, event: Event, config: Config) -> dict[str, Any]:
    return endpoints.by_id(reader, id=event.body["endpoint"], even_removed=True).as_json()


_THINGS: dict[str, Callable[[Reader, Event, Config], dict[str, Any]]] = {
    "intent": _intent,
    "refund": _refund,
    "batch": _batch,
    "payout": _payout,
    "dispute": _dispute,
    "webhook_endpoint": _webhook_endpoint,
}
"""What an event is about, by the noun of its name."""
