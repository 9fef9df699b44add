"""What just happened, taken apart: each change with the code that was scanned, the order that was signed, the transfer
that it caused and the events that told of it. For people who want to see how it works; nothing acts on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any

from shared import clock
from shared.codes import frame as frames
from shared.db import outbox
from shared.db.unit import Reader
from shared.events import Event
from shared.identity import keys, parties
from shared.ledger import transfers
from shared.ledger.transfers import Transfer
from shared.payments import intents, receipts
from shared.payments.apart import Apart, orders_behind

MOST = 200

Part = dict[str, Any]
_ROW = ("id", "seq", "debit_account", "credit_account", "amount_minor", "currency", "kind", "phase", "reference")


@dataclass(frozen=True, slots=True)
class Happening:
    """One change: its newest event's number and first event's name, who and how much, and its parts in order.

    A part says what it is in `part`: `code` (was shown and scanned), `order` (was signed), `transfer`, `event`.
    """

    seq: int
    at: str
    name: str
    said: dict[str, Any]
    parts: list[Part] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Everything, for the launcher."""
        return asdict(self)


def happened(reader: Reader, *, after: int, most: int) -> list[Happening]:
    """The newest changes after an event's number, newest first, from at most `most` events (and `MOST`)."""
    newest = outbox.last_seq(reader)
    events = outbox.events_after(reader, seq=max(after, newest - min(most, MOST)), limit=MOST)
    teller = Teller(reader, events)
    groups = groupby(events, key=lambda event: event.body.get("transfer") or event.seq)
    return [teller.tell(list(together)) for _, together in groups][::-1]


class Teller:
    """Tells of some events, with whatever belongs to them read once."""

    def __init__(self, reader: Reader, events: Sequence[Event]) -> None:
        self._reader = reader
        self._taken = Apart(reader)
        self._moved = transfers.by_ids(reader, ids=_named(events, "transfer"))
        of_transfers = [row.reference for row in self._moved.values()]
        self._sold = intents.by_ids(reader, ids=[*_named(events, "intent"), *of_transfers])
        self._orders = orders_behind(reader, transfer_ids=self._moved)

    def tell(self, events: Sequence[Event]) -> Happening:
        """The events of one change."""
        first = events[0]
        transfer = self._moved.get(str(first.body.get("transfer")))
        intent = self._sold.get(transfer.reference if transfer else str(first.body.get("intent")))
        said = dict(first.body)
        parts = [self._apart("code", intent.code)] if intent and intent.code else []
        if transfer is not None:
            parts += self._transfer(transfer, said)
        elif intent is not None:
            said["shop"] = parties.by_id(self._reader, id=intent.shop_id).display_name
        if first.name == "contact.requested":
            parts += self._card(first, said)
        parts += [_event(event) for event in events]
        return Happening(events[-1].seq, clock.rfc3339(first.created_at), first.name, said, parts)

    def _transfer(self, transfer: Transfer, said: dict[str, Any]) -> list[Part]:
        """What came with the order, the order, the row; names both sides in `said`."""
        payer, payee = receipts.sides(self._reader, transfer)
        said |= {"payer": payer.display_name, "payee": payee.display_name, "payee_handle": payee.handle}
        order, presented = self._orders.get(transfer.id, (b"", b""))
        signed = [self._apart(part, frame) for part, frame in (("code", presented), ("order", order)) if frame]
        return [*signed, {"part": "transfer"} | {name: getattr(transfer, name) for name in _ROW}]

    def _card(self, event: Event, said: dict[str, Any]) -> list[Part]:
        """The card that was scanned to make a contact: the other side's, who is named in `said`."""
        sides = parties.by_ids(self._reader, ids=[topic.partition(":")[2] for topic in event.topics]).values()
        other = next(party for party in sides if party.handle != event.body["by_handle"])
        said["to"] = other.display_name
        cards = [key.card for key in keys.of_party(self._reader, party_id=other.id) if key.card]
        return [self._apart("code", frames.frame_of_text(cards[-1]))] if cards else []

    def _apart(self, part: str, frame: bytes) -> Part:
        return {"part": part} | self._taken.frame(frame)


def _named(events: Iterable[Event], what: str) -> list[str]:
    return [str(event.body[what]) for event in events if what in event.body]


def _event(event: Event) -> Part:
    plain = {"name": event.name, "seq": event.seq, "topics": list(event.topics), "body": dict(event.body)}
    return {"part": "event"} | plain
