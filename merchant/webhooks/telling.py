"""How an event becomes messages to a shop's endpoints, and how one is signed, tried again and given up."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from merchant.api import event_json
from merchant.callbacks import follower, kinds
from merchant.callbacks.deliveries import Delivery
from merchant.callbacks.follower import Follower
from merchant.callbacks.kinds import Kind
from merchant.webhooks import actions, endpoints, health, signing
from shared import clock
from shared.config import Config
from shared.db.unit import Reader, UnitOfWork
from shared.errors import DomainError
from shared.events import Event

_S, _MIN, _H = 1_000, 60_000, 3_600_000
_SHORTER_MS = (5 * _S, 30 * _S, 2 * _MIN, 10 * _MIN, 30 * _MIN, 1 * _H, 2 * _H, 4 * _H, 8 * _H, 12 * _H, 20 * _H)
WAITS_MS = (*_SHORTER_MS, health.GIVEN_UP_MS - sum(_SHORTER_MS))
"""Between the tries: three days in all, ever longer."""
_NAMED_BY = ("intent", "payout", "batch", "dispute", "endpoint")
_log = logging.getLogger("saoma")


def install() -> None:
    """Make webhooks known to the sender."""
    kinds.register(Kind(actions.KIND, composed, kinds.is_2xx, WAITS_MS, health.note_try))
    follower.register(Follower("webhooks", tell, event_json.PUBLIC, endpoints.is_any_listening, wanted))


def composed(reader: Reader, delivery: Delivery, secret: bytes) -> tuple[dict[str, str], bytes]:
    """A message with its signatures. The time in it is the machine's: receivers compare it with their own."""
    found = endpoints.by_id(reader, id=delivery.endpoint_id or "", even_removed=True)
    body = delivery.payload.encode()
    secrets = [
        signing.secret_of(secret, endpoint_id=found.id, generation=each) for each in found.generations(reader.now)
    ]
    at_s = clock.system_now() // 1000
    return {
        "Content-Type": "application/json",
        **signing.signed(secrets, message_id=delivery.event_id, at_s=at_s, body=body),
    }, body


def wanted(reader: Reader, found: Sequence[Event]) -> list[Event]:
    """The public events of shops that listen."""
    concerned = [(event, event_json.shop_of(event)) for event in found if event_json.is_public(event)]
    if not concerned:
        return []
    shops = {shop for _, shop in concerned if shop is not None}
    listening = endpoints.shops_that_listen(reader, shop_ids=sorted(shops))
    return [event for event, shop in concerned if shop in listening]


def tell(uow: UnitOfWork, event: Event, config: Config) -> None:
    """Send one event to each endpoint of its shop that wants it."""
    shop_id = event_json.shop_of(event) or ""
    told = [
        each
        for each in endpoints.all_of_shop(uow, shop_id=shop_id)
        if each.disabled_at is None and each.since_seq < event.seq and each.wants(event.name)
    ]
    if not told:
        return
    try:
        payload = actions.as_text(event_json.as_json(uow, event, config=config))
    except (DomainError, LookupError):  # one event that cannot be told must not hold up those after it
        _log.exception("the event %s cannot be told", event.id)
        return
    subject = next((str(event.body[name]) for name in _NAMED_BY if event.body.get(name)), event.id)
    for each in told:
        actions.tell(uow, endpoint=each, event_id=event.id, event_type=event.name, subject=subject, payload=payload)
