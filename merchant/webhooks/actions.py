"""What changes a webhook endpoint: made, changed, given another secret, sent a test, removed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import insert

from merchant.api.entry import VERSION
from merchant.api.event_json import PUBLIC
from merchant.callbacks import actions as callbacks
from merchant.callbacks import deliveries
from merchant.callbacks.deliveries import Delivery
from merchant.webhooks import endpoints
from merchant.webhooks.endpoints import ALL, Endpoint
from merchant.webhooks.models import EndpointRow
from shared import clock, events, ids
from shared.db.unit import UnitOfWork
from shared.errors import BadInput, Conflict

KIND = "webhook"
TEST = "webhook_endpoint.test"
DISABLED = "webhook_endpoint.disabled"
MOST = 16
LONGEST_DESCRIPTION = 80
LONGEST_OVERLAP_S, USUAL_OVERLAP_S = 7 * 86_400, 86_400


class TooManyEndpoints(Conflict):
    """A shop has sixteen endpoints at most."""

    code = "too_many_endpoints"


class EndpointDisabled(Conflict):
    """The endpoint is switched off: nothing is sent to it."""

    code = "endpoint_disabled"


class UnknownEventName(BadInput):
    """Not the name of an event that a shop's programs can hear of."""

    code = "unknown_event_name"


def checked_events(names: Sequence[object]) -> tuple[str, ...]:
    """Names of public events, or `*` alone for all of them; each once, in order."""
    texts = [each for each in names if isinstance(each, str)]
    if len(texts) != len(names) or not texts or (ALL in texts and len(texts) > 1):
        raise BadInput(field="events")
    unknown = next((each for each in texts if each != ALL and each not in PUBLIC), None)
    if unknown is not None:
        raise UnknownEventName(name=unknown[:60])
    return tuple(sorted(set(texts)))


def create(uow: UnitOfWork, *, shop_id: str, url: str, description: str, names: Sequence[str]) -> Endpoint:
    """Tell a shop's server of events from now on. `url` has been judged by the door."""
    if len(endpoints.all_of_shop(uow, shop_id=shop_id)) >= MOST:
        raise TooManyEndpoints(most=MOST)
    id = ids.new_id(endpoints.PREFIX, uow.now)
    since_seq = uow.emit("webhook_endpoint.created", [events.party_topic(shop_id)], endpoint=id)
    nothing = dict.fromkeys(("old_generation", "old_until", "disabled_at", "disabled_why", "failing_since"))
    values = {
        "id": id,
        "shop_id": shop_id,
        "url": url,
        "description": description,
        "events": json.dumps(list(names)),
        "generation": 1,
        "since_seq": since_seq,
        "created_at": uow.now,
        "last_success_at": None,
        "deleted_at": None,
    }
    uow.execute(insert(EndpointRow).values(nothing | values))
    return endpoints.of_shop(uow, id=id, shop_id=shop_id)


def update(
    uow: UnitOfWork,
    *,
    id: str,
    shop_id: str,
    url: str | None = None,
    description: str | None = None,
    names: Sequence[str] | None = None,
    is_disabled: bool | None = None,
) -> Endpoint:
    """Change what is given. Switching an endpoint on again forgets that it was failing."""
    found = endpoints.of_shop(uow, id=id, shop_id=shop_id)
    uow.sql.run(
        "UPDATE webhooks_endpoint SET url = :url, description = :description, events = :events WHERE id = :id",
        id=id,
        url=found.url if url is None else url,
        description=found.description if description is None else description,
        events=json.dumps(list(found.events if names is None else names)),
    )
    if url is not None:
        callbacks.readdress(uow, endpoint_id=id, url=url)
    if is_disabled is True and found.disabled_at is None:
        switch_off(uow, endpoint=found, why="by_hand")
    if is_disabled is False and found.disabled_at is not None:
        uow.sql.run(
            "UPDATE webhooks_endpoint SET disabled_at = NULL, disabled_why = NULL, failing_since = NULL WHERE id = :id",
            id=id,
        )
    return endpoints.of_shop(uow, id=id, shop_id=shop_id)


def rotate(uow: UnitOfWork, *, id: str, shop_id: str, overlap_s: int) -> Endpoint:
    """Give an endpoint another secret; the old one signs beside it for `overlap_s` more seconds of Saoma's clock."""
    if not 0 <= overlap_s <= LONGEST_OVERLAP_S:
        raise BadInput(field="overlap_s")
    found = endpoints.of_shop(uow, id=id, shop_id=shop_id)
    uow.sql.run(
        "UPDATE webhooks_endpoint SET generation = generation + 1, old_generation = :old, old_until = :until"
        " WHERE id = :id",
        id=id,
        old=found.generation if overlap_s else None,
        until=uow.now + overlap_s * 1000 if overlap_s else None,
    )
    return endpoints.of_shop(uow, id=id, shop_id=shop_id)


def remove(uow: UnitOfWork, *, id: str, shop_id: str) -> Endpoint:
    """Tell an endpoint nothing any more; what was sent to it stays in the log."""
    found = endpoints.of_shop(uow, id=id, shop_id=shop_id)
    uow.sql.run("UPDATE webhooks_endpoint SET deleted_at = :now WHERE id = :id", id=id, now=uow.now)
    callbacks.drop_all(uow, endpoint_id=id)
    return found


def send_test(uow: UnitOfWork, *, id: str, shop_id: str) -> Delivery:
    """Send an endpoint an event that says nothing but that it can be reached."""
    found = endpoints.of_shop(uow, id=id, shop_id=shop_id)
    if found.disabled_at is not None:
        raise EndpointDisabled()
    event_id = ids.new_id("evt", uow.now)
    event = {
        "id": event_id,
        "object": "event",
        "type": TEST,
        "created_at": clock.rfc3339(uow.now),
        "api_version": VERSION,
        "data": {"object": found.as_json()},
    }
    delivery_id = tell(uow, endpoint=found, event_id=event_id, event_type=TEST, subject=id, payload=as_text(event))
    return deliveries.of_shop(uow, id=delivery_id, shop_id=shop_id)


def redeliver(uow: UnitOfWork, *, id: str, shop_id: str) -> Delivery:
    """Send a delivery once more, to where its endpoint is now; `endpoint_disabled` where it is switched off or gone."""
    delivery = deliveries.of_shop(uow, id=id, shop_id=shop_id)
    if delivery.kind != KIND:
        raise deliveries.UnknownDelivery()
    found = endpoints.find(uow, id=delivery.endpoint_id or "")
    if found is None or found.disabled_at is not None:
        raise EndpointDisabled()
    callbacks.ask_again(uow, id=id, shop_id=shop_id)
    callbacks.readdress(uow, endpoint_id=found.id, url=found.url)
    return deliveries.of_shop(uow, id=id, shop_id=shop_id)


def tell(uow: UnitOfWork, *, endpoint: Endpoint, event_id: str, event_type: str, subject: str, payload: str) -> str:
    """Have an event sent to an endpoint; the delivery's id."""
    return callbacks.enqueue(
        uow,
        shop_id=endpoint.shop_id,
        kind=KIND,
        url=endpoint.url,
        payload=payload,
        subject=subject,
        endpoint_id=endpoint.id,
        event_id=event_id,
        event_type=event_type,
    )


def as_text(event: Mapping[str, object]) -> str:
    """An event as it is sent."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def switch_off(uow: UnitOfWork, *, endpoint: Endpoint, why: str) -> None:
    """Tell an endpoint nothing more; `why` is `by_hand`, `failing` or `gone`. The shop's other endpoints hear of it."""
    uow.sql.run(
        "UPDATE webhooks_endpoint SET disabled_at = :now, disabled_why = :why WHERE id = :id",
        id=endpoint.id,
        now=uow.now,
        why=why,
    )
    callbacks.drop_all(uow, endpoint_id=endpoint.id)
    uow.emit(DISABLED, [events.party_topic(endpoint.shop_id)], endpoint=endpoint.id, why=why)
