"""One row of the inspector, opened: the whole call, the code with its bytes, the row of the ledger, every try."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from merchant.callbacks import deliveries
from merchant.callbacks.deliveries import Attempt, Delivery, UnknownDelivery
from merchant.inspector import calls, changes
from merchant.inspector.changes import Changes
from merchant.inspector.entries import Call
from shared.db.unit import Reader
from shared.errors import NotFound
from shared.events import Event
from shared.identity import names
from shared.ledger.transfers import Transfer
from shared.payments import receipts
from shared.web import blotting

_NAMED = re.compile(r"(call|event|code|payer_code|order|transfer)-(\d{1,18})\Z", re.ASCII)


class UnknownEntry(NotFound):
    """The inspector shows no such row, or shows it no longer."""

    code = "unknown_wire_entry"


@dataclass(frozen=True, slots=True)
class Opened:
    """What is behind a row; only what its kind has. `accounts` names both of a transfer's as the shop may see them."""

    intent_id: str = ""
    call: Call | None = None
    part: Mapping[str, Any] | None = None
    event: Event | None = None
    transfer: Transfer | None = None
    accounts: tuple[str, str] = ("", "")
    delivery: Delivery | None = None
    tries: Sequence[Attempt] = field(default_factory=tuple)


def entry(reader: Reader, *, id: str, shop_id: str) -> Opened:
    """What is behind a row of this shop's inspector; `unknown_wire_entry` when there is no such row."""
    if id.startswith("dlv_"):
        return _delivery(reader, id, shop_id)
    named = _NAMED.match(id)
    if named is None:
        raise UnknownEntry()
    kind, seq = named[1], int(named[2])
    if kind == "call":
        found = calls.select(reader, where="seq = :seq", order="ASC", limit=1, shop_id=shop_id, seq=seq)
        if not found:
            raise UnknownEntry()
        return Opened(found[0].intent_id, call=found[0])
    told = changes.select(
        reader, where="seq = :seq AND name IN :names", order="ASC", limit=1, shop_id=shop_id, seq=seq,
        names=sorted(changes.NAMES),
    )  # fmt: skip
    if not told:
        raise UnknownEntry()
    return _change(reader, kind, told[0])


def _change(reader: Reader, kind: str, event: Event) -> Opened:
    maker = Changes(reader, [event])
    transfer = maker.moved.get(str(event.body.get("transfer"))) if event.name in changes.MOVES else None
    intent_id = transfer.reference if transfer and transfer.reference in maker.intents else event.body.get("intent", "")
    if kind == "event":
        return Opened(intent_id, event=event)
    if kind == "transfer":
        if transfer is None:
            raise UnknownEntry()
        return Opened(intent_id, transfer=transfer, accounts=_accounts(reader, transfer))
    part = maker.part(event, kind)
    if part is None:
        raise UnknownEntry()
    return Opened(intent_id, part=part)


def _accounts(reader: Reader, transfer: Transfer) -> tuple[str, str]:
    """The two accounts; a person's goes by their initial."""
    payer, payee = receipts.sides(reader, transfer)
    debit, credit = (
        f"user:{names.initial_only(side.display_name)}" if account.startswith("user:") else account
        for side, account in ((payer, transfer.debit_account), (payee, transfer.credit_account))
    )
    return debit, credit


def _delivery(reader: Reader, id: str, shop_id: str) -> Opened:
    try:
        found = deliveries.of_shop(reader, id=id, shop_id=shop_id)
    except UnknownDelivery:
        raise UnknownEntry() from None
    tries = deliveries.attempts_of(reader, delivery_ids=[id])[id]
    return Opened(found.subject if found.subject.startswith("pi_") else "", delivery=found, tries=tries)


def pretty(text: str) -> str:
    """A body as people read it: JSON indented, anything else as it is."""
    try:
        return blotting.whole(json.dumps(json.loads(text), indent=2, ensure_ascii=False))
    except ValueError:
        return text
