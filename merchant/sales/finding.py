"""A shop's sales, searched: a page of those that are wanted, newest first; all of them, for a file; their sums.

State, day, amount and whose sale it was are the database's to find. Words stand in names and notes: they are looked for
in Python, `LOOKED_AT_ONCE` sales at a time, and the page says how far it came.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from merchant.checkout.sales import Sale, checked
from merchant.sales import sold
from merchant.sales.sold import Sold
from merchant.sales.wanted import Wanted
from shared import ids
from shared.db import outbox
from shared.db.store import Store
from shared.db.unit import Reader
from shared.identity import names, parties
from shared.ledger import transfers
from shared.payments import intents
from shared.payments.states import IntentState

PAGE, LOOKED_AT_ONCE, _STEP = 20, 2_000, 200
_UNPAID = [state.value for state in intents.UNPAID]
_GONE = [state.value for state in (IntentState.CANCELED, IntentState.EXPIRED, IntentState.DECLINED, IntentState.VOIDED)]
_IN_TIME = "(state IN :unpaid AND expires_at >= :limit)"
_HELD = "(state = 'authorized' AND authorized_until > :now)"
_CONDITIONS = {
    "": "1 = 1",
    "open": _IN_TIME,
    "paid": "state = 'captured'",
    "held": _HELD,
    "refunded": "refunded_minor > 0",
    "ended": f"(state IN :gone OR state IN :unpaid AND NOT {_IN_TIME} OR state = 'authorized' AND NOT {_HELD})",
}
_AMOUNT = "CASE WHEN captured_minor > 0 THEN captured_minor ELSE amount_minor END"


@dataclass(frozen=True, slots=True)
class Row:
    """One sale of the list. `sold` is what the register sold, None for a sale that is only an amount; `number` is the
    receipt's: the place in the ledger of the transfer that paid it, None before that.
    """

    sale: Sale
    sold: Sold | None
    number: int | None

    @property
    def texts(self) -> tuple[str, ...]:
        """What a search for words looks into."""
        intent = self.sale.intent
        number = (f"#{self.number}",) if self.number else ()
        said = self.sold.texts if self.sold else ()
        return intent.memo, intent.reference, self.sale.payer or "", intent.id, *number, *said


@dataclass(frozen=True, slots=True)
class Page:
    """Sales, newest first; `older` is where the next page begins, None on the last one. `is_cut` when the search
    stopped because enough was looked at; `last_seq` is the newest event that this picture includes.
    """

    rows: Sequence[Row]
    older: str | None
    is_cut: bool
    last_seq: int


@dataclass(frozen=True, slots=True)
class Sums:
    """How many sales are wanted, how many of them were paid, what they took and what of that was given back."""

    sales: int
    paid: int
    taken_minor: int
    refunded_minor: int


def found(reader: Reader, *, shop_id: str, wanted: Wanted, before: str | None = None, limit: int = PAGE) -> Page:
    """A page of the sales that somebody wants to see, those before intent `before` when given."""
    rows: list[Row] = []
    position, looked_at = checked(before) if before is not None else None, 0
    while looked_at < LOOKED_AT_ONCE:
        step = _STEP if wanted.said.words else limit + 1
        some = _picked(reader, shop_id, wanted, position, step)
        for row in _rows(reader, some):
            if wanted.said.fits(row.texts):
                if len(rows) == limit:
                    return Page(rows, rows[-1].sale.intent.id, False, outbox.last_seq(reader))
                rows.append(row)
        if len(some) < step:
            return Page(rows, None, False, outbox.last_seq(reader))
        position, looked_at = some[-1], looked_at + len(some)
    return Page(rows, position, True, outbox.last_seq(reader))


def everything(store: Store, *, shop_id: str, wanted: Wanted) -> Iterator[Row]:
    """All wanted sales, newest first, read page by page: as long as it takes, and never much at once."""
    before: str | None = None
    while True:
        page = store.read(found, shop_id=shop_id, wanted=wanted, before=before, limit=_STEP)
        yield from page.rows
        if page.older is None:
            return
        before = page.older


def sums(reader: Reader, *, shop_id: str, wanted: Wanted) -> Sums | None:
    """What the wanted sales add up to; None where words are looked for, which would mean reading them all."""
    if wanted.said.words:
        return None
    where, values = _where(reader, shop_id, wanted)
    [row] = reader.sql.rows(
        "SELECT count(*), coalesce(sum(CASE WHEN captured_minor > 0 THEN 1 ELSE 0 END), 0),"
        f" coalesce(sum(captured_minor), 0), coalesce(sum(refunded_minor), 0) FROM payments_intent WHERE {where}",
        **values,
    )
    return Sums(*(int(value) for value in row))


def _picked(reader: Reader, shop_id: str, wanted: Wanted, before: str | None, limit: int) -> list[str]:
    where, values = _where(reader, shop_id, wanted)
    if before is not None:
        where += " AND (created_at, id) < (:made_at, :before)"
        values |= {"made_at": int.from_bytes(ids.id_bytes(before)[:6], "big"), "before": before}
    rows = reader.sql.rows(
        f"SELECT id FROM payments_intent WHERE {where} ORDER BY created_at DESC, id DESC LIMIT :most",
        **values,
        most=limit,
    )
    return [row[0] for row in rows]


def _where(reader: Reader, shop_id: str, wanted: Wanted) -> tuple[str, dict[str, Any]]:
    now = reader.now
    known: dict[str, Any] = {"unpaid": _UNPAID, "gone": _GONE, "limit": now - intents.GRACE_MS, "now": now}
    condition = _CONDITIONS[wanted.which]
    where = f"shop_id = :shop AND created_at >= :start AND created_at < :end AND {_AMOUNT} BETWEEN :least AND :largest"
    values: dict[str, Any] = {name: value for name, value in known.items() if f":{name}" in condition}
    values |= {"shop": shop_id, "start": wanted.start, "end": wanted.end}
    values |= {"least": wanted.said.least_minor, "largest": wanted.said.most_minor}
    if wanted.member:
        where += f" AND id IN ({sold.OF_MEMBER})"
        values["member"] = wanted.member
    return f"{where} AND {condition}", values


def _rows(reader: Reader, wanted_ids: Sequence[str]) -> list[Row]:
    known = intents.by_ids(reader, ids=wanted_ids)
    payers = parties.by_ids(reader, ids=[intent.payer_id for intent in known.values() if intent.payer_id])
    moved = transfers.by_ids(reader, ids=[intent.transfer_id for intent in known.values() if intent.transfer_id])
    carried = sold.by_intents(reader, intent_ids=wanted_ids)
    rows = []
    for id in wanted_ids:
        intent = known[id].as_of(reader.now)
        payer = names.initial_only(payers[intent.payer_id].display_name) if intent.payer_id else None
        number = moved[intent.transfer_id].seq if intent.transfer_id else None
        rows.append(Row(Sale(intent, payer), carried.get(id), number))
    return rows
