"""The tries: claimed by one process, recorded with what came back, and what follows: taken, again later, given up.

A claim lapses by the machine's clock, so what a killed process was at is sent by the next: at least once, never lost.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import insert

from merchant.callbacks import deliveries, kinds
from merchant.callbacks.deliveries import COLUMNS, Attempt, Delivery, DeliveryState
from merchant.callbacks.faults import Fault
from merchant.callbacks.models import AttemptRow
from shared.db.unit import UnitOfWork

CLAIM_MS = 15_000
"""Longer than the longest try."""
ANSWER_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try of a delivery; `at` is when it began (ms)."""

    delivery_id: str
    at: int
    took_ms: int
    is_taken: bool
    status: int | None
    error: str | None
    sent_headers: dict[str, str]
    sent_body: str | None
    answer: str


def turn(uow: UnitOfWork, *, outcomes: Sequence[Outcome], wanted: Sequence[str], machine_now: int) -> list[Delivery]:
    """Record what came back and claim what is due next, in one commit; those that were claimed, in the order asked."""
    for outcome in outcomes:
        record(uow, outcome=outcome)
    return claim(uow, wanted=wanted, machine_now=machine_now)


def claim(uow: UnitOfWork, *, wanted: Sequence[str], machine_now: int) -> list[Delivery]:
    """Take deliveries that nobody else is at; those that are now the caller's to send."""
    claimed = []
    for id in wanted:
        rows = uow.sql.rows(
            "UPDATE callbacks_delivery SET claimed_until = :until WHERE id = :id AND state = 'pending'"
            f" AND claimed_until <= :machine RETURNING {COLUMNS}",
            id=id,
            until=machine_now + CLAIM_MS,
            machine=machine_now,
        )
        claimed += [deliveries.delivery(row) for row in rows]
    return claimed


def record(uow: UnitOfWork, *, outcome: Outcome) -> Delivery | None:
    """Write a try down, and what follows from it; the delivery as it then stands, None when it is gone."""
    found = deliveries.by_ids(uow, ids=[outcome.delivery_id]).get(outcome.delivery_id)
    if found is None:
        return None
    attempt = Attempt(
        found.id,
        found.attempts + 1,
        outcome.at,
        outcome.status,
        outcome.error,
        outcome.took_ms,
        None if found.attempts else found.fault,
        outcome.sent_headers,
        outcome.sent_body,
        outcome.answer[:ANSWER_KEPT],
    )
    values = {name: getattr(attempt, name) for name in Attempt.__slots__}
    uow.execute(insert(AttemptRow).values(values | {"sent_headers": json.dumps(outcome.sent_headers)}))
    now_stands = _after(found, outcome, uow.now)
    _write(uow, now_stands)
    _let_follow(uow, now_stands)
    kinds.by_name(found.kind).after(uow, now_stands, attempt, outcome.is_taken)
    return now_stands


def _after(delivery: Delivery, outcome: Outcome, now: int) -> Delivery:
    """Where a delivery stands after a try. The next one waits from when this one began: whoever has moved the clock
    since then, with the receiver's answer in hand, has moved it past the wait."""
    tried = replace(delivery, attempts=delivery.attempts + 1, tries=delivery.tries + 1)
    if delivery.state is not DeliveryState.PENDING:
        return tried
    if outcome.is_taken:
        if delivery.fault == Fault.TWICE and delivery.attempts == 0:
            return replace(tried, next_at=now)
        return replace(tried, state=DeliveryState.DELIVERED, ended_at=now)
    kind = kinds.by_name(delivery.kind)
    if tried.tries > len(kind.waits_ms) or outcome.at - delivery.due_at >= kind.longest_ms:
        return replace(tried, state=DeliveryState.FAILED, ended_at=now)
    return replace(tried, next_at=outcome.at + kind.waits_ms[tried.tries - 1])


def _write(uow: UnitOfWork, delivery: Delivery) -> None:
    uow.sql.run(
        "UPDATE callbacks_delivery SET state = :state, attempts = :attempts, tries = :tries, next_at = :next_at,"
        " ended_at = :ended_at, claimed_until = 0 WHERE id = :id",
        id=delivery.id,
        state=delivery.state.value,
        attempts=delivery.attempts,
        tries=delivery.tries,
        next_at=delivery.next_at,
        ended_at=delivery.ended_at,
    )


def _let_follow(uow: UnitOfWork, sent: Delivery) -> None:
    """One that was held back to come out of order goes as soon as a later one has gone."""
    uow.sql.run(
        "UPDATE callbacks_delivery SET next_at = :now WHERE destination = :place AND state = 'pending'"
        " AND fault = :fault AND attempts = 0 AND number < :number AND next_at > :now",
        now=uow.now,
        place=sent.destination,
        fault=Fault.OUT_OF_ORDER.value,
        number=sent.number,
    )
