"""Reading what the register sold: sales with their lines, tenders and taxes, by their payment intents or by id."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from merchant.register.pricing import TaxSum
from merchant.register.states import SaleState, stands
from shared.db.unit import Reader
from shared.errors import NotFound
from shared.payments import intents
from shared.payments.intents import PaymentIntent


class UnknownSale(NotFound):
    """No such sale, or another shop's."""

    code = "unknown_sale"


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was sold; the columns' meaning is told at the table. `position` is its name within the sale."""

    sale_id: str
    position: int
    item_id: str | None
    name: str
    options: str
    quantity: int
    unit_minor: int
    gross_minor: int
    off_minor: int
    share_minor: int
    net_minor: int
    tax_bp: int
    tax_minor: int
    returned: int

    @property
    def title(self) -> str:
        """Its name with the chosen options: `Milk tea (Large)`; empty where the amount was typed without one."""
        return f"{self.name} ({self.options})" if self.options else self.name


@dataclass(frozen=True, slots=True)
class Tender:
    """A payment intent of a sale; several may stand for one part, of which the last one counts."""

    intent_id: str
    sale_id: str
    part: int
    amount_minor: int
    is_settled: bool


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale with everything that the register knows of it; its tenders the oldest first."""

    id: str
    shop_id: str
    number: int
    state: SaleState
    currency: str
    goods_minor: int
    discount_minor: int
    tip_minor: int
    tax_minor: int
    total_minor: int
    discount_bp: int
    reference: str
    note: str
    capture_method: str
    parts: tuple[int, ...]
    member_id: str | None
    terminal_id: str | None
    shift_id: str | None
    holds_stock: bool
    is_stopped: bool
    created_at: int
    closed_at: int | None
    lines: tuple[Line, ...] = ()
    tenders: tuple[Tender, ...] = ()

    @property
    def is_split(self) -> bool:
        """Whether it is paid in parts."""
        return len(self.parts) > 1

    @property
    def newest(self) -> dict[int, str]:
        """The intent that counts for each part that has one, by part."""
        return {tender.part: tender.intent_id for tender in self.tenders}

    @property
    def taxes(self) -> tuple[TaxSum, ...]:
        """The tax inside what was sold, by rate."""
        rates = sorted({line.tax_bp for line in self.lines})
        of_rate = {rate: [line for line in self.lines if line.tax_bp == rate] for rate in rates}
        return tuple(
            TaxSum(rate, sum(line.net_minor for line in lines), sum(line.tax_minor for line in lines))
            for rate, lines in of_rate.items()
        )

    def part_of(self, intent_id: str) -> int:
        """Which part an intent of this sale is for, counted from 0."""
        return next(tender.part for tender in self.tenders if tender.intent_id == intent_id)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a sale: its number from 0, its amount, and the intent that counts for it."""

    number: int
    amount_minor: int
    intent: PaymentIntent | None


SALE_COLUMNS = tuple(name for name in Sale.__slots__ if name not in ("lines", "tenders"))
_SALES = ", ".join(SALE_COLUMNS)
_LINES = ", ".join(Line.__slots__)
_TENDERS = ", ".join(Tender.__slots__)


def of_intent(reader: Reader, *, intent_id: str) -> Sale | None:
    """The sale that a payment intent is for; None for one that the register did not make."""
    return by_intents(reader, intent_ids=[intent_id]).get(intent_id)


def by_intents(reader: Reader, *, intent_ids: Iterable[str]) -> dict[str, Sale]:
    """The sales that payment intents are for, by intent; those that the register did not make are left out."""
    wanted = sorted(set(intent_ids))
    rows = reader.sql.rows("SELECT intent_id, sale_id FROM register_tender WHERE intent_id IN :ids", ids=wanted)
    found = {sale.id: sale for sale in _sales(reader, [row[1] for row in rows])}
    return {intent_id: found[sale_id] for intent_id, sale_id in rows}


def by_id(reader: Reader, *, id: str, shop_id: str) -> Sale:
    """One sale of this shop; another shop's does not exist for it (`unknown_sale`)."""
    found = _sales(reader, [id])
    if not found or found[0].shop_id != shop_id:
        raise UnknownSale()
    return found[0]


def parts_of(reader: Reader, sale: Sale) -> list[Part]:
    """The parts of a sale with the intents that count for them, as they stand now."""
    known = intents.by_ids(reader, ids=sale.newest.values())
    found = {part: known[id].as_of(reader.now) for part, id in sale.newest.items()}
    return [Part(number, amount, found.get(number)) for number, amount in enumerate(sale.parts)]


def state_of(parts: Iterable[Part], sale: Sale) -> SaleState:
    """How a sale stands now, also before it was noticed."""
    found = [part.intent.state if part.intent else None for part in parts]
    return stands(found, is_stopped=sale.is_stopped)


def _sales(reader: Reader, ids: Iterable[str]) -> list[Sale]:
    wanted = sorted(set(ids))
    rows = reader.sql.rows(f"SELECT {_SALES} FROM register_sale WHERE id IN :ids ORDER BY created_at, id", ids=wanted)
    lines: dict[str, list[Line]] = {}
    for row in reader.sql.rows(
        f"SELECT {_LINES} FROM register_line WHERE sale_id IN :ids ORDER BY sale_id, position", ids=wanted
    ):
        lines.setdefault(row[0], []).append(Line(*row))
    tenders: dict[str, list[Tender]] = {}
    for row in reader.sql.rows(
        f"SELECT {_TENDERS} FROM register_tender WHERE sale_id IN :ids ORDER BY created_at, intent_id", ids=wanted
    ):
        tenders.setdefault(row[1], []).append(Tender(row[0], row[1], row[2], row[3], bool(row[4])))
    return [_sale(row, tuple(lines.get(row[0], ())), tuple(tenders.get(row[0], ()))) for row in rows]


def _sale(row: tuple[Any, ...], lines: tuple[Line, ...], tenders: tuple[Tender, ...]) -> Sale:
    named = dict(zip(SALE_COLUMNS, row, strict=True))
    named["state"] = SaleState(named["state"])
    named["parts"] = tuple(json.loads(named["parts"]))
    named["holds_stock"], named["is_stopped"] = bool(named["holds_stock"]), bool(named["is_stopped"])
    return Sale(**named, lines=lines, tenders=tenders)
