"""What changes a callback: asked for, tried, taken or given up, asked for again, forgotten."""

from __future__ import annotations

from sqlalchemy import insert

from merchant.callbacks import faults
from merchant.callbacks.deliveries import DeliveryState
from merchant.callbacks.models import DeliveryRow
from shared import ids
from shared.db.unit import UnitOfWork


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
    plan = faults.take(uow, shop_id=shop_id, kind=kind, subject=subject, due_at=max(due_at or 0, uow.now))
    values = {
        "id": id,
        "shop_id": shop_id,
        "kind": kind,
        "endpoint_id": endpoint_id,
        "destination": endpoint_id or url,
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
