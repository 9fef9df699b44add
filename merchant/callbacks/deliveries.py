"""Deliveries and their attempts, as they stand: what is asked of them, by shop, by endpoint, by subject."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.db.unit import Reader
from shared.errors import NotFound
from shared.ids import is_id


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


class UnknownDelivery(NotFound):
    """No delivery goes by this name here."""

    code = "unknown_delivery"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one address. Times in ms on Saoma's clock; `next_at` counts while it is pending.

    `number` grows in the order in which they were asked for."""

    id: str
    number: int
    shop_id: str
    kind: str
    endpoint_id: str | None
    destination: str
    subject: str
    event_id: str
    event_type: str
    url: str
    payload: str
    state: DeliveryState
    fault: str | None
    attempts: int
    tries: int
    due_at: int
    next_at: int
    created_at: int
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: at (ms), `status` or what went wrong (`error`), what was sent, the beginning of the answer."""

    delivery_id: str
    number: int
    at: int
    status: int | None
    error: str | None
    took_ms: int
    fault: str | None
    sent_headers: Mapping[str, str]
    sent_body: str | None
    """None where it was the delivery's payload."""
    answer: str


COLUMNS = ", ".join(Delivery.__slots__)
_ATTEMPT_COLUMNS = ", ".join(Attempt.__slots__)


def of_shop(reader: Reader, *, id: str, shop_id: str) -> Delivery:
    """One delivery of this shop; `unknown_delivery` otherwise."""
    rows = (
        reader.sql.rows(
            f"SELECT {COLUMNS} FROM callbacks_delivery WHERE id = :id AND shop_id = :shop", id=id, shop=shop_id
        )
        if is_id(id, "dlv")
        else []
    )
    if not rows:
        raise UnknownDelivery()
    return delivery(rows[0])


def by_ids(reader: Reader, *, ids: Sequence[str]) -> dict[str, Delivery]:
    """Deliveries by their ids."""
    rows = reader.sql.rows(f"SELECT {COLUMNS} FROM callbacks_delivery WHERE id IN :ids", ids=list(ids))
    return {row[0]: delivery(row) for row in rows}


def about(reader: Reader, *, subject: str, shop_id: str) -> list[Delivery]:
    """All deliveries of a shop about one thing, oldest first."""
    rows = reader.sql.rows(
        f"SELECT {COLUMNS} FROM callbacks_delivery WHERE subject = :subject AND shop_id = :shop ORDER BY number",
        subject=subject,
        shop=shop_id,
    )
    return [delivery(row) for row in rows]


def attempts_of(reader: Reader, *, delivery_ids: Sequence[str]) -> dict[str, list[Attempt]]:
    """The attempts of each delivery, oldest first; all of them have an entry."""
    rows = reader.sql.rows(
        f"SELECT {_ATTEMPT_COLUMNS} FROM callbacks_attempt WHERE delivery_id IN :ids ORDER BY delivery_id, number",
        ids=list(delivery_ids),
    )
    found: dict[str, list[Attempt]] = {id: [] for id in delivery_ids}
    for row in rows:
        values = dict(zip(Attempt.__slots__, row, strict=True))
        found[row[0]].append(Attempt(**values | {"sent_headers": json.loads(values["sent_headers"])}))
    return found


def delivery(row: Sequence[object]) -> Delivery:
    """The delivery of a row of `COLUMNS`."""
    values = dict(zip(Delivery.__slots__, row, strict=True))
    return Delivery(**{**values, "state": DeliveryState(str(values["state"]))})  # type: ignore[arg-type]
