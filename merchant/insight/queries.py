"""What the charts are made of: a few set-based reads of the shop's intents, refunds and register.

A sale counts when it was captured, a refund when it was made. Sums come by quarter hours and are folded into the
reader's hours and days here, which no database knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from merchant.insight import periods
from merchant.insight.periods import SLOT_MS, Period, Stretch
from shared.db import outbox
from shared.db.unit import Reader
from shared.payments import kinds

_LOOK_BACK_MS = kinds.HOLD_MS + kinds.DAY_MS
"""How long before its capture a sale can have been made."""
TOP = 6
_CAPTURED = (
    " FROM payments_intent WHERE shop_id = :shop AND created_at >= :first AND created_at < :until"
    " AND state = 'captured' AND closed_at >= :start AND closed_at < :until"
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a stretch brought, in minor units and counts."""

    sales: int = 0
    taken_minor: int = 0
    refunds: int = 0
    refunded_minor: int = 0
    tips: int = 0
    tips_minor: int = 0

    @property
    def average_minor(self) -> int:
        """A sale's average, rounded."""
        return (2 * self.taken_minor + self.sales) // (2 * self.sales) if self.sales else 0


@dataclass(frozen=True, slots=True)
class Bin:
    """An hour or a day: when it begins (ms), what it brought, and what the earlier one brought."""

    at: int
    sales: int
    taken_minor: int
    earlier_minor: int


@dataclass(frozen=True, slots=True)
class Payers:
    """Who paid: those whose first payment here was in the stretch, and those who had paid before."""

    new: int
    new_minor: int
    returning: int
    returning_minor: int

    @property
    def all(self) -> int:
        """How many people paid."""
        return self.new + self.returning


@dataclass(frozen=True, slots=True)
class Steps:
    """Of the codes that were shown, how many were scanned and how many were paid; `usual_ms`: the median wait."""

    shown: int
    scanned: int
    paid: int
    usual_ms: int | None


@dataclass(frozen=True, slots=True)
class SoldItem:
    """Something that was sold: how many of it, and what they brought after discounts."""

    name: str
    quantity: int
    net_minor: int


@dataclass(frozen=True, slots=True)
class Busy:
    """Sales by weekday (Monday first) and hour: `counts[weekday][hour - first_hour]`; `most` is the largest."""

    first_hour: int
    counts: Sequence[Sequence[int]]
    most: int


@dataclass(frozen=True, slots=True)
class Insight:
    """Everything on the page, of one moment."""

    period: Period
    figures: Figures
    earlier: Figures
    bins: Sequence[Bin]
    busy: Busy | None
    """None for a single day, whose hours are its bins."""
    items: Sequence[SoldItem]
    payers: Payers
    steps: Steps
    last_seq: int
    first_at: int | None
    """When the shop made its first sale; None while it has made none."""

    @property
    def has_sold(self) -> bool:
        """Whether there is anything to show."""
        return self.first_at is not None

    @property
    def is_comparable(self) -> bool:
        """Whether the shop was selling all through the earlier stretch: a half one would flatter the later."""
        earlier = self.period.earlier
        began = earlier.end if self.period.is_one_day else earlier.edges[1]
        return self.first_at is not None and self.first_at < began


def insight(reader: Reader, *, shop_id: str, period: Period) -> Insight:
    """A shop's figures of a period and of the one before it."""
    shown, earlier = period.shown, period.earlier
    return Insight(
        period,
        _figures(reader, shop_id, shown),
        _figures(reader, shop_id, earlier),
        _bins(reader, shop_id, period),
        None if period.is_one_day else _busy(reader, shop_id, period),
        _items(reader, shop_id, shown),
        _payers(reader, shop_id, shown),
        _steps(reader, shop_id, shown),
        outbox.last_seq(reader),
        _first_at(reader, shop_id),
    )


def _figures(reader: Reader, shop_id: str, stretch: Stretch) -> Figures:
    [(sales, taken)] = reader.sql.rows(
        f"SELECT COUNT(*), COALESCE(SUM(captured_minor), 0){_CAPTURED}", **_asked(shop_id, stretch.start, stretch.until)
    )
    [(refunds, refunded)] = reader.sql.rows(
        "SELECT COUNT(*), COALESCE(SUM(amount_minor), 0) FROM payments_refund WHERE shop_id = :shop"
        " AND state = 'succeeded' AND created_at >= :start AND created_at < :until",
        shop=shop_id,
        start=stretch.start,
        until=stretch.until,
    )
    [(tips, tipped)] = reader.sql.rows(
        "SELECT COUNT(*), COALESCE(SUM(tip_minor), 0) FROM register_sale AS s WHERE shop_id = :shop AND tip_minor > 0"
        f" AND created_at >= :start AND created_at < :until AND {_IS_PAID}",
        shop=shop_id,
        start=stretch.start,
        until=stretch.until,
    )
    return Figures(sales, int(taken), refunds, int(refunded), tips, int(tipped))


_IS_PAID = (
    "(SELECT SUM(i.captured_minor) FROM register_tender AS t JOIN payments_intent AS i ON i.id = t.intent_id"
    " WHERE t.sale_id = s.id AND i.state = 'captured') >= s.total_minor"
)
"""Whether a register's sale `s` was paid whole, as its intents say."""


def _bins(reader: Reader, shop_id: str, period: Period) -> list[Bin]:
    """What each hour or day brought, and the one as far into the earlier stretch."""
    shown = _folded(reader, shop_id, period.shown)
    earlier = _folded(reader, shop_id, period.earlier)
    edges = period.shown.edges
    return [
        Bin(at, *shown[number], earlier[number][1] if number < len(earlier) else 0)
        for number, at in enumerate(edges[:-1])
    ]


def _folded(reader: Reader, shop_id: str, stretch: Stretch) -> list[tuple[int, int]]:
    """Sales and sums by bin."""
    rows = reader.sql.rows(
        f"SELECT closed_at / {SLOT_MS}, COUNT(*), SUM(captured_minor){_CAPTURED} GROUP BY 1",
        **_asked(shop_id, stretch.start, stretch.end),
    )
    found = [(0, 0)] * (len(stretch.edges) - 1)
    for slot, sales, taken in rows:
        number = stretch.bin_of(slot * SLOT_MS)
        found[number] = (found[number][0] + sales, found[number][1] + int(taken))
    return found


def _busy(reader: Reader, shop_id: str, period: Period) -> Busy:
    """When in the week people pay, in the reader's own hours."""
    shown = period.shown
    rows = reader.sql.rows(
        f"SELECT closed_at / {SLOT_MS}, COUNT(*){_CAPTURED} GROUP BY 1", **_asked(shop_id, shown.start, shown.end)
    )
    hours = [[0] * 24 for _ in range(7)]
    for slot, sales in rows:
        moment = datetime.fromtimestamp(slot * SLOT_MS / 1000, period.zone)
        hours[moment.weekday()][moment.hour] += sales
    first, last = periods.opening([hour for hour in range(24) if any(day[hour] for day in hours)], 24)
    return Busy(first, [day[first:last] for day in hours], max(max(day) for day in hours))


def _payers(reader: Reader, shop_id: str, stretch: Stretch) -> Payers:
    """New and returning payers, told by each one's first payment at this shop."""
    rows = reader.sql.rows(
        "SELECT first_at >= :start, COUNT(*), SUM(taken) FROM (SELECT payer_id, MIN(closed_at) AS first_at,"
        " SUM(CASE WHEN closed_at >= :start THEN captured_minor ELSE 0 END) AS taken, MAX(closed_at) AS last_at"
        " FROM payments_intent WHERE shop_id = :shop AND state = 'captured' AND closed_at < :until GROUP BY payer_id)"
        " AS p WHERE last_at >= :start GROUP BY 1",
        shop=shop_id,
        start=stretch.start,
        until=stretch.until,
    )
    by_new = {bool(is_new): (count, int(taken)) for is_new, count, taken in rows}
    return Payers(*by_new.get(True, (0, 0)), *by_new.get(False, (0, 0)))


def _steps(reader: Reader, shop_id: str, stretch: Stretch) -> Steps:
    """What became of the codes that were shown in the stretch; a payer code that was taken counts as scanned."""
    asked = {"shop": shop_id, "start": stretch.start, "until": stretch.until}
    shown = "FROM payments_intent AS i WHERE shop_id = :shop AND created_at >= :start AND created_at < :until"
    [(count, scanned, paid)] = reader.sql.rows(
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN is_paid = 1 OR EXISTS"
        " (SELECT 1 FROM payments_scan AS n WHERE n.intent_id = id) OR EXISTS"
        " (SELECT 1 FROM payments_presented AS c WHERE c.intent_id = id) THEN 1 ELSE 0 END), 0),"
        " COALESCE(SUM(is_paid), 0) FROM (SELECT id, CASE WHEN state IN ('captured', 'authorized', 'voided') THEN 1"
        f" ELSE 0 END AS is_paid {shown} AND length(code) > 0) AS s",
        **asked,
    )
    paid_at_once = f"{shown} AND length(code) > 0 AND state = 'captured' AND capture_method = 'automatic'"
    [(many,)] = reader.sql.rows(f"SELECT COUNT(*) {paid_at_once}", **asked)
    middle = reader.sql.rows(
        f"SELECT closed_at - created_at {paid_at_once} ORDER BY 1 LIMIT 1 OFFSET :skipped", skipped=many // 2, **asked
    )
    return Steps(count, int(scanned), int(paid), middle[0][0] if middle else None)


def _items(reader: Reader, shop_id: str, stretch: Stretch) -> list[SoldItem]:
    """What brought the most, by the name that it was sold under last."""
    rows = reader.sql.rows(
        "SELECT MAX(l.name), SUM(l.quantity), SUM(l.net_minor) AS net FROM register_line AS l"
        " JOIN register_sale AS s ON s.id = l.sale_id WHERE s.shop_id = :shop AND s.created_at >= :start"
        f" AND s.created_at < :until AND l.name <> '' AND {_IS_PAID}"
        " GROUP BY COALESCE(l.item_id, l.name) ORDER BY net DESC, 1 LIMIT :most",
        shop=shop_id,
        start=stretch.start,
        until=stretch.until,
        most=TOP,
    )
    return [SoldItem(name, int(quantity), int(net)) for name, quantity, net in rows]


def _first_at(reader: Reader, shop_id: str) -> int | None:
    [(at,)] = reader.sql.rows("SELECT MIN(created_at) FROM payments_intent WHERE shop_id = :shop", shop=shop_id)
    return None if at is None else int(at)


def _asked(shop_id: str, start: int, until: int) -> dict[str, object]:
    return {"shop": shop_id, "first": start - _LOOK_BACK_MS, "start": start, "until": until}
