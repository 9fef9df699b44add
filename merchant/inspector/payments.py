"""What the journal says of one payment: its events, found by the moments at which something became of it.

The journal has no index by payment, and needs none: an event's id begins with its time, and each row that a payment
leaves behind says when it was written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from merchant.callbacks import deliveries
from merchant.callbacks.deliveries import Delivery
from merchant.inspector import calls, changes
from merchant.inspector.entries import Call
from shared import ids
from shared.db.unit import Reader
from shared.disputes import queries as disputes
from shared.events import Event
from shared.ledger import transfers
from shared.payments import intents, refunds
from shared.payments.intents import PaymentIntent
from shared.settlement import batches
from shared.settlement.batches import Batch

CLOCK = "clock.advanced"
WINDOW_MS = 5_000
"""An intent is drafted a little before it is stored, and everything else at the very time of its event."""
_MOST_EVENTS, _MOST_CALLS = 2_000, 200
_SCANS = "SELECT scanned_at FROM payments_scan WHERE intent_id = :intent"
_KEPT = "SELECT accepted_at FROM payments_undecided WHERE intent_id = :intent"
_ENDED = "SELECT resolved_at FROM payments_undecided WHERE intent_id = :intent AND resolved_at IS NOT NULL"
_SHOWN = "SELECT presented_at FROM payments_presented WHERE intent_id = :intent"
_MOMENTS = (_SCANS, _SHOWN, _KEPT, _ENDED)


@dataclass(frozen=True, slots=True)
class Traces:
    """Everything that a payment of a shop left behind, each in the order in which it came."""

    intent: PaymentIntent
    calls: list[Call]
    events: list[Event]
    deliveries: list[Delivery]
    batch: Batch | None


def traces(reader: Reader, *, id: str, shop_id: str) -> Traces:
    """What there is of a payment intent of this shop; `unknown_intent` for anybody else's."""
    intent = intents.of_shop(reader, id=id if ids.is_id(id, "pi") else "", shop_id=shop_id)
    called = calls.of_intent(reader, intent_id=id, jti=intent.jti, shop_id=shop_id, limit=_MOST_CALLS)
    sent = deliveries.about(reader, subject=id, shop_id=shop_id)
    batch = _batch(reader, id)
    return Traces(intent, called, _events(reader, intent, called, sent, batch), sent, batch)


def _events(
    reader: Reader, intent: PaymentIntent, called: list[Call], sent: list[Delivery], batch: Batch | None
) -> list[Event]:
    given = refunds.of_intent(reader, intent_id=intent.id)
    complaints = disputes.of_intent(reader, intent_id=intent.id)
    named = [intent.hold_id, intent.transfer_id, *(one.transfer_id for one in given)]
    named += [one.transfer_id for one in complaints]
    moved = transfers.by_ids(reader, ids=filter(None, named))
    moved |= {row.id: row for row in transfers.endings(reader, hold_ids=filter(None, [intent.hold_id])).values()}
    moments: list[int | None] = [intent.created_at, intent.closed_at, intent.authorized_until]
    moments += [at for statement in _MOMENTS for (at,) in reader.sql.rows(statement, intent=intent.id)]
    for rows in (moved.values(), given, sent):
        moments += [row.created_at for row in rows]
    moments += [call.at for call in called]
    moments += [at for each in complaints for at in (each.opened_at, each.answered_at, each.closed_at)]
    moments += [batch.created_at, batch.ended_at] if batch else []
    about: dict[str, Any] = {"intent": {intent.id}, "transfer": set(moved), "batch": {batch.id} if batch else set()}
    return [
        event
        for start, end in windows(filter(None, moments))
        for event in changes.select(
            reader,
            where="id >= :start AND id < :end AND name IN :names",
            order="ASC",
            limit=_MOST_EVENTS,
            shop_id=intent.shop_id,
            start=_bound(start),
            end=_bound(end),
            names=sorted(changes.NAMES),
        )
        if event.name == CLOCK or any(event.body.get(what) in known for what, known in about.items())
    ]


def windows(moments: Iterable[int]) -> list[tuple[int, int]]:
    """Stretches of time (ms) that cover each moment and the seconds after it, none twice, the earliest first."""
    found: list[tuple[int, int]] = []
    for at in sorted(set(moments)):
        if found and at <= found[-1][1]:
            found[-1] = (found[-1][0], at + WINDOW_MS)
        else:
            found.append((at, at + WINDOW_MS))
    return found


def _bound(at: int) -> str:
    """The lowest id that an event of this time (ms) can have."""
    return ids.id_from_bytes("evt", at.to_bytes(6, "big") + bytes(10))


def _batch(reader: Reader, intent_id: str) -> Batch | None:
    rows = reader.sql.rows("SELECT batch_id FROM settlement_line WHERE source_id = :intent", intent=intent_id)
    return batches.by_id(reader, id=rows[0][0]) if rows else None
