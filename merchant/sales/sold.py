"""What the register sold behind a payment: its lines and figures, who sold it and where. Payments made over the API, or
at the printed code, have none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from shared.db.unit import Reader

OF_MEMBER = (
    "SELECT t.intent_id FROM register_tender AS t JOIN register_sale AS s ON s.id = t.sale_id"
    " WHERE s.shop_id = :shop AND s.member_id = :member"
)
"""The intents of one person's sales at a shop, to stand in another query."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was sold; `net_minor` is its cost after every discount, `returned` how many came back."""

    position: int
    item_id: str | None
    name: str
    options: str
    quantity: int
    unit_minor: int
    gross_minor: int
    off_minor: int
    net_minor: int
    tax_bp: int
    tax_minor: int
    returned: int

    def worth_minor(self, count: int) -> int:
        """What `count` more of it bring back: exact, so that giving back one by one gives back the whole."""
        return self._cost_of(self.returned + count) - self._cost_of(self.returned)

    def _cost_of(self, count: int) -> int:
        return self.net_minor * count // self.quantity


@dataclass(frozen=True, slots=True)
class Tender:
    """A part of the sale's payment."""

    intent_id: str
    part: int
    amount_minor: int
    captured_minor: int
    refunded_minor: int


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale of the register. `number` is the shop's own count; names are None where nobody is known."""

    id: str
    number: int
    currency: str
    goods_minor: int
    discount_minor: int
    tip_minor: int
    tax_minor: int
    total_minor: int
    reference: str
    note: str
    parts: str
    member_id: str | None
    shift_id: str | None
    created_at: int
    member: str | None
    terminal: str | None
    lines: Sequence[Line] = ()
    tenders: Sequence[Tender] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """What a search for words looks into."""
        of_lines = [f"{line.name} {line.options}" for line in self.lines]
        return f"#{self.number}", self.reference, self.note, self.member or "", *of_lines

    @property
    def taxes(self) -> list[tuple[int, int, int]]:
        """The tax inside what was sold, by rate (basis points, what it was taken from, the tax), the highest first."""
        found: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        for line in self.lines:
            if line.tax_bp:
                found[line.tax_bp][0] += line.net_minor
                found[line.tax_bp][1] += line.tax_minor
        return [(rate, net, tax) for rate, (net, tax) in sorted(found.items(), reverse=True)]

    @property
    def is_split(self) -> bool:
        """Whether several payments pay it."""
        return "," in self.parts


_SALE = (
    "id", "number", "currency", "goods_minor", "discount_minor", "tip_minor", "tax_minor", "total_minor", "reference",
    "note", "parts", "member_id", "shift_id", "created_at",
)  # fmt: skip
_LINE = Line.__slots__
_TENDER = ("intent_id", "part", "amount_minor")


def by_intents(reader: Reader, *, intent_ids: Iterable[str]) -> dict[str, Sold]:
    """The sales that these intents pay for, by intent: three statements however many they are."""
    wanted = sorted(set(intent_ids))
    of_intent = dict(
        reader.sql.rows("SELECT intent_id, sale_id FROM register_tender WHERE intent_id IN :intents", intents=wanted)
    )
    known = by_ids(reader, ids=of_intent.values())
    return {intent_id: known[sale_id] for intent_id, sale_id in of_intent.items()}


def by_ids(reader: Reader, *, ids: Iterable[str]) -> dict[str, Sold]:
    """Those of the sales that exist, by id."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    columns = ", ".join(f"s.{name}" for name in _SALE)
    rows = reader.sql.rows(
        f"SELECT {columns}, m.name, t.name FROM register_sale AS s LEFT JOIN staff_member AS m ON m.id = s.member_id"
        " LEFT JOIN terminals_terminal AS t ON t.id = s.terminal_id WHERE s.id IN :sales",
        sales=wanted,
    )
    lines, tenders = _lines(reader, wanted), _tenders(reader, wanted)
    return {row[0]: replace(Sold(*row), lines=lines[row[0]], tenders=tenders[row[0]]) for row in rows}


def _lines(reader: Reader, sale_ids: list[str]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = defaultdict(list)
    for sale_id, *values in reader.sql.rows(
        f"SELECT sale_id, {', '.join(_LINE)} FROM register_line WHERE sale_id IN :sales ORDER BY sale_id, position",
        sales=sale_ids,
    ):
        found[sale_id].append(Line(*values))
    return found


def _tenders(reader: Reader, sale_ids: list[str]) -> dict[str, list[Tender]]:
    found: dict[str, list[Tender]] = defaultdict(list)
    columns = ", ".join(f"t.{name}" for name in _TENDER)
    for sale_id, *values in reader.sql.rows(
        f"SELECT t.sale_id, {columns}, i.captured_minor, i.refunded_minor FROM register_tender AS t"
        " JOIN payments_intent AS i ON i.id = t.intent_id WHERE t.sale_id IN :sales ORDER BY t.part, t.created_at",
        sales=sale_ids,
    ):
        found[sale_id].append(Tender(*values))
    return found
