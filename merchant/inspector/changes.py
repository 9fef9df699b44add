"""What the journal tells a shop of: each event, with the code that was sealed, the order that was signed and the row
of the ledger that came of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from merchant.api import event_json
from merchant.inspector import entries
from merchant.inspector.entries import Entry
from shared import events
from shared.db.unit import Reader
from shared.events import Event
from shared.identity import names, parties
from shared.ledger import transfers
from shared.ledger.transfers import Transfer
from shared.payments import intents, receipts
from shared.payments.apart import Apart, orders_behind
from shared.payments.intents import PaymentIntent

MOVES = frozenset({"transfer.posted", "transfer.held", "transfer.released"})
NAMES = event_json.PUBLIC | MOVES | {"clock.advanced"}
"""The events that make rows; the rest of what a shop hears is about its goods and its tills."""
OF_KIND: Mapping[str, frozenset[str]] = {
    "code": MOVES | {"intent.created", "intent.confirmation_required"},
    "order": MOVES,
    "transfer": MOVES,
    "event": NAMES - MOVES,
}
"""The events that rows of a kind are made of."""
UNKNOWN = "intent.became_unknown"
_COLUMNS = "seq, id, name, created_at, topics, body"


class Changes:
    """Makes rows of events, with whatever belongs to them read once."""

    def __init__(self, reader: Reader, found: Sequence[Event]) -> None:
        self._reader = reader
        self._apart = Apart(reader)
        self.moved = transfers.by_ids(reader, ids=[str(event.body["transfer"]) for event in found if _moves(event)])
        named = [str(event.body["intent"]) for event in found if "intent" in event.body]
        self.intents = intents.by_ids(reader, ids=[*named, *(row.reference for row in self.moved.values())])
        self.orders = orders_behind(reader, transfer_ids=self.moved)

    def entries(self, event: Event) -> list[Entry]:
        """The rows of one event, in the order in which they came about."""
        if _moves(event):
            return self._of_transfer(event)
        made = [entries.of_event(event.seq, event.name, event.created_at, event.body)]
        intent = self.intents.get(str(event.body.get("intent")))
        if event.name == "intent.created" and intent and intent.code:
            made.insert(0, self._of_frame("code", event, intent.code, intent.id))
        if event.name == UNKNOWN and intent:
            order, shown = self.kept_order(intent.id)
            made[:0] = [self._of_frame(kind, event, frame, intent.id)
                        for kind, frame in (("payer_code", shown), ("order", order)) if frame]  # fmt: skip
        if event.name == "intent.confirmation_required" and intent:
            shown = self.shown_code(intent.id)
            made[:0] = [self._of_frame("payer_code", event, shown, intent.id)] if shown else []
        return made

    def part(self, event: Event, kind: str) -> dict[str, Any] | None:
        """What is behind a row of kind `code`, `payer_code` or `order`, taken apart; None where there is no such."""
        transfer = self.moved.get(str(event.body.get("transfer")))
        intent = self.intents.get(str(event.body.get("intent")))
        order, presented = self.orders.get(transfer.id, (b"", b"")) if transfer else (b"", b"")
        frame = {"order": order, "payer_code": presented, "code": intent.code if intent else b""}[kind]
        if intent and event.name == UNKNOWN and kind != "code":
            frame = self.kept_order(intent.id)[kind == "payer_code"]
        if kind == "payer_code" and intent and not frame:
            frame = self.shown_code(intent.id)
        return masked(self._apart.frame(frame), self._people(transfer, intent)) if frame else None

    def kept_order(self, intent_id: str) -> tuple[bytes, bytes]:
        """The order that was taken in while nobody knew what would become of it, and the payer code it came with."""
        rows = self._reader.sql.rows(
            "SELECT frame, presented FROM payments_undecided WHERE intent_id = :id ORDER BY accepted_at", id=intent_id
        )
        return (bytes(rows[0][0]), bytes(rows[0][1] or b"")) if rows else (b"", b"")

    def shown_code(self, intent_id: str) -> bytes:
        """The payer code that was taken for an intent whose payer was asked; empty where none was."""
        rows = self._reader.sql.rows(
            "SELECT frame FROM payments_presented WHERE intent_id = :id AND order_id IS NULL", id=intent_id
        )
        return bytes(rows[0][0]) if rows else b""

    def _people(self, transfer: Transfer | None, intent: PaymentIntent | None) -> dict[str, str]:
        """The handles that a shop is not told, and the initials that stand for them."""
        sides = [*receipts.sides(self._reader, transfer)] if transfer else []
        sides += [parties.by_id(self._reader, id=intent.payer_id)] if intent and intent.payer_id else []
        return {side.handle: names.initial_only(side.display_name) for side in sides if side.kind == "user"}

    def _of_transfer(self, event: Event) -> list[Entry]:
        transfer = self.moved.get(str(event.body["transfer"]))
        if transfer is None:
            return []
        intent = self.intents.get(transfer.reference)
        intent_id, at = intent.id if intent else "", event.created_at
        made = []
        order, presented = self.orders.get(transfer.id, (b"", b""))
        if presented and intent:
            made.append(self._of_frame("payer_code", event, presented, intent_id))
        if order:
            made.append(self._of_frame("order", event, order, intent_id))
        return [*made, entries.of_transfer(event.seq, event.name, at, event.body, intent_id)]

    def _of_frame(self, kind: str, event: Event, frame: bytes, intent_id: str) -> Entry:
        by = str(event.body.get("payer") or event.body.get("by") or "")
        return entries.of_frame(kind, event.seq, event.created_at, self._apart.frame(frame), intent_id, by)


def masked(apart: dict[str, Any], people: Mapping[str, str]) -> dict[str, Any]:
    """A frame without the handles of people: initials in their place, and dots for their letters in the bytes."""
    says = {name: people.get(value, value) if name in ("payee", "handle") else value
            for name, value in (apart["says"] or {}).items()}  # fmt: skip
    sealer = apart["sealed_by"] or {}
    frame = apart["frame"] or ""
    for handle in people:
        frame = frame.replace(handle.encode().hex(), "·" * (2 * len(handle)))
    known = sealer.get("handle")
    who = None if apart["kind"] == "payer_code" and known not in people else people.get(str(known), known)
    return apart | {"says": says, "frame": frame, "sealed_by": sealer | {"handle": who}}


def select(reader: Reader, *, where: str, order: str, limit: int, shop_id: str, **values: Any) -> list[Event]:
    """The events that a shop hears of, and that `where` (SQL) wants."""
    rows = reader.sql.rows(
        f"SELECT {_COLUMNS} FROM db_event WHERE {where}"
        " AND (topics LIKE :topic OR name = 'clock.advanced' AND topics LIKE :everybody)"
        f" ORDER BY seq {order} LIMIT :limit",
        topic=f'%"{events.party_topic(shop_id)}"%',
        everybody=f'%"{events.EVERYBODY}"%',
        limit=limit,
        **values,
    )
    return [
        Event(seq, id, name, at, tuple(json.loads(topics)), json.loads(body))
        for seq, id, name, at, topics, body in rows
    ]


def _moves(event: Event) -> bool:
    return event.name in MOVES
