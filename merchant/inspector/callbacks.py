"""The callbacks to a shop's addresses, as rows: how each stands, and what its last try was answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from merchant.callbacks import deliveries
from merchant.callbacks.deliveries import Attempt, Delivery
from merchant.inspector import entries
from merchant.inspector.entries import Entry
from shared.db.unit import Reader


def select(reader: Reader, *, where: str, order: str, limit: int, shop_id: str, **values: Any) -> list[Delivery]:
    """The deliveries of a shop that `where` (SQL) wants."""
    rows = reader.sql.rows(
        f"SELECT {deliveries.COLUMNS} FROM callbacks_delivery WHERE shop_id = :shop AND {where}"
        f" ORDER BY number {order} LIMIT :limit",
        shop=shop_id,
        limit=limit,
        **values,
    )
    return [deliveries.delivery(row) for row in rows]


def last_number(reader: Reader, *, shop_id: str) -> int:
    """The number of a shop's newest delivery; 0 when there is none."""
    rows = reader.sql.rows(
        "SELECT number FROM callbacks_delivery WHERE shop_id = :shop ORDER BY number DESC LIMIT 1", shop=shop_id
    )
    return int(rows[0][0]) if rows else 0


def standing(reader: Reader, *, ids: Sequence[str], shop_id: str) -> list[Entry]:
    """How those of the deliveries stand that are this shop's."""
    found = deliveries.by_ids(reader, ids=ids).values()
    return rows(reader, [delivery for delivery in found if delivery.shop_id == shop_id])


def rows(reader: Reader, found: Sequence[Delivery]) -> list[Entry]:
    """Deliveries as rows."""
    tried = deliveries.attempts_of(reader, delivery_ids=[delivery.id for delivery in found])
    return [entry(delivery, tried[delivery.id]) for delivery in found]


def entry(delivery: Delivery, tries: Sequence[Attempt]) -> Entry:
    """One delivery as a row."""
    last = tries[-1].status if tries else None
    return entries.of_callback(
        delivery.id, delivery.number, delivery.created_at, delivery.kind, delivery.event_type, delivery.state.value,
        len(tries), last, delivery.subject, delivery.fault or "",
    )  # fmt: skip


def attempt_entry(delivery: Delivery, attempt: Attempt) -> Entry:
    """One try as a step of its payment's story; its detail is the delivery's."""
    is_taken = attempt.status is not None and 200 <= attempt.status < 300
    found = entries.of_callback(
        delivery.id, delivery.number, attempt.at, delivery.kind, delivery.event_type,
        "taken" if is_taken else "refused", attempt.number, attempt.status, delivery.subject, attempt.fault or "",
    )  # fmt: skip
    mark = str(attempt.status) if attempt.status else "—"
    return replace(
        found, mark=mark, tone=entries.OK if is_taken else entries.BAD, took_us=attempt.took_ms * 1000,
        places={"tries": attempt.number, "error": attempt.error or attempt.fault or ""},
    )  # fmt: skip
