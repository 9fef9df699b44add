"""What changes a callback: asked for, tried, taken or given up, asked for again, forgotten."""

from __future__ import annotations

from sqlalchemy import insert

from merchant.callbacks import deliveries, faults
from merchant.callbacks.deliveries import Delivery, DeliveryState
from merchant.callbacks.models import DeliveryRow
from shared import ids
from shared.db.unit import Reader, UnitOfWork

KEPT_MS = 30 * 86_400_000
_PRUNED_AT_ONCE = 500


def enqueue(
    uow: UnitOfWork,
    *,
    shop_id: str,
    kind: str,
    url: str,
    payload: str,
    subject: str,
    endpoint_id: str | None = None,
    due_at: int | None = None,
    event_id: str = "",
    event_type: str = "",
) -> str:
    """Have a callback sent to `url`, at once or from `due_at` (ms) on; its id, `dlv_…`.

    `payload` is kept as it is for every try; the kind's `compose` signs (or encrypts) it anew each time. `subject` is
    what it is about, most often the payment intent's id. `event_id` is the message's own name, the delivery's id
    unless given. A fault that the shop ordered for this kind is used up here.
    """
    id = ids.new_id("dlv", uow.now)
    destination, due_at = endpoint_id or url, max(due_at or 0, uow.now)
    plan = faults.take(uow, shop_id=shop_id, kind=kind, destination=destination, subject=subject, due_at=due_at)
    values = {
        "id": id,
        "number": _next_number(uow),
        "shop_id": shop_id,
        "kind": kind,
        "endpoint_id": endpoint_id,
        "destination": destination,
        "subject": subject,
        "event_id": event_id or id,
        "event_type": event_type,
        "url": url,
        "payload": payload,
        "state": DeliveryState.DROPPED if plan.is_dropped else DeliveryState.PENDING,
        "fault": plan.fault,
        "attempts": 0,
        "tries": 0,
        "due_at": plan.due_at,
        "next_at": plan.due_at,
        "claimed_until": 0,
        "created_at": uow.now,
        "ended_at": uow.now if plan.is_dropped else None,
    }
    uow.execute(insert(DeliveryRow).values(values))
    return id


def ask_again(uow: UnitOfWork, *, id: str, shop_id: str) -> Delivery:
    """Have a delivery sent once more, at once: one that ended, or one that waits for its next try."""
    found = deliveries.of_shop(uow, id=id, shop_id=shop_id)
    was_ended = found.state is not DeliveryState.PENDING
    uow.sql.run(
        "UPDATE callbacks_delivery SET state = 'pending', ended_at = NULL, next_at = :now, due_at = :due,"
        " tries = :tries WHERE id = :id",
        id=id,
        now=uow.now,
        due=uow.now if was_ended else min(found.due_at, uow.now),
        tries=0 if was_ended else found.tries,
    )
    return deliveries.of_shop(uow, id=id, shop_id=shop_id)


def readdress(uow: UnitOfWork, *, endpoint_id: str, url: str) -> int:
    """Send what waits for an endpoint to its new address; how many that are."""
    return uow.sql.run(
        "UPDATE callbacks_delivery SET url = :url WHERE destination = :id AND state = 'pending'",
        id=endpoint_id,
        url=url,
    )


def drop_all(uow: UnitOfWork, *, endpoint_id: str) -> int:
    """Send nothing more to an endpoint of what waits for it; how many that were."""
    return uow.sql.run(
        "UPDATE callbacks_delivery SET state = 'dropped', ended_at = :now WHERE destination = :id"
        " AND state = 'pending'",
        id=endpoint_id,
        now=uow.now,
    )


def prune(uow: UnitOfWork) -> int:
    """Forget deliveries that ended more than thirty days ago, some at a time; how many."""
    rows = uow.sql.rows(
        "SELECT id FROM callbacks_delivery WHERE ended_at < :before ORDER BY ended_at LIMIT :most",
        before=uow.now - KEPT_MS,
        most=_PRUNED_AT_ONCE,
    )
    old = [row[0] for row in rows]
    uow.sql.run("DELETE FROM callbacks_attempt WHERE delivery_id IN :ids", ids=old)
    return uow.sql.run("DELETE FROM callbacks_delivery WHERE id IN :ids", ids=old)


def has_old(reader: Reader) -> bool:
    """Whether `prune` would find anything."""
    return bool(
        reader.sql.rows(
            "SELECT 1 FROM callbacks_delivery WHERE ended_at < :before LIMIT 1", before=reader.now - KEPT_MS
        )
    )


def _next_number(uow: UnitOfWork) -> int:
    [(last,)] = uow.sql.rows("SELECT max(number) FROM callbacks_delivery")
    return int(last or 0) + 1
