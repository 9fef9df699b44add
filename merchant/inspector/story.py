"""The whole story of one payment, in the order of time: who asked whom for what, what was signed, what moved, who was
told and how often.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from merchant.callbacks import deliveries
from merchant.checkout import sales
from merchant.checkout.sales import Sale
from merchant.inspector import callbacks, calls, entries, payments
from merchant.inspector.changes import Changes
from merchant.inspector.entries import PHONE, SAOMA, Entry
from shared.db.unit import Reader

QUIET_MS = 2_000
"""A pause between two steps that is worth a line of its own."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the story: `since_ms` from the payment's first, and the pause before it where it was long."""

    entry: Entry
    since_ms: int
    pause_ms: int


@dataclass(frozen=True, slots=True)
class Story:
    """A payment and its steps; `counts` says how many of each kind there are, `took_ms` from first to last."""

    sale: Sale
    steps: Sequence[Step]
    counts: dict[str, int]
    took_ms: int


def of_payment(reader: Reader, *, id: str, shop_id: str) -> Story:
    """The story of a payment intent of this shop; `unknown_intent` for anybody else's."""
    found = payments.traces(reader, id=id, shop_id=shop_id)
    maker = Changes(reader, found.events)
    told = [_placed(entry) for event in found.events for entry in maker.entries(event)]
    tried = deliveries.attempts_of(reader, delivery_ids=[delivery.id for delivery in found.deliveries])
    told += [calls.entry(replace(call, intent_id=id)) for call in found.calls]
    for delivery in found.deliveries:
        own = tried[delivery.id]
        told += [callbacks.attempt_entry(delivery, attempt) for attempt in own] or [callbacks.entry(delivery, own)]
    told.sort(key=lambda entry: (entry.at, entry.place))
    while told and told[-1].name == payments.CLOCK:
        told.pop()
    steps = _steps(told)
    counts = {kind: sum(step.entry.kind == kind for step in steps) for kind in entries.KINDS}
    return Story(sales.told(reader, found.intent), steps, counts, steps[-1].since_ms if steps else 0)


def _steps(told: Sequence[Entry]) -> list[Step]:
    if not told:
        return []
    start = told[0].at
    pauses = [0, *(later.at - earlier.at for earlier, later in pairwise(told))]
    return [
        Step(entry, entry.at - start, pause if pause >= QUIET_MS else 0)
        for entry, pause in zip(told, pauses, strict=True)
    ]


def _placed(entry: Entry) -> Entry:
    """A scan is the phone's doing, though the journal tells of it."""
    return replace(entry, way=(PHONE, SAOMA)) if entry.name in ("intent.scanned", "intent.declined") else entry


def lanes(steps: Iterable[Step]) -> list[str]:
    """Those between whom something went, in the order of the page."""
    named = {lane for step in steps for lane in step.entry.way} | {SAOMA}
    return [lane for lane in (entries.PROGRAM, SAOMA, PHONE) if lane in named]
