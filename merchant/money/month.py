"""A month's statement of a shop, out of the ledger itself: what came and went day by day, and the balance around it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from shared import clock
from shared.db.unit import Reader
from shared.ledger import accounts, chart, extracts
from shared.ledger.extracts import Pick
from shared.web import months
from shared.web.months import Month

SALES, REFUNDS, FEES, DISPUTES, PAYOUTS, RETURNED = "sales", "refunds", "fees", "disputes", "payouts", "returned"
COLUMNS = {
    "pay": SALES, "capture": SALES, "charge": SALES, "refund": REFUNDS, "fee": FEES, "clawback": DISPUTES,
    "payout": PAYOUTS, "returned": RETURNED,
}  # fmt: skip
"""Under which heading a kind of transfer stands."""
_SLOT_MS = 900_000
_MOST_MONTHS = 24


@dataclass(slots=True)
class Day:
    """One day's sums by heading, signed as they changed the balance, which is `balance_minor` at its end."""

    at: int
    counts: dict[str, int] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=dict)
    balance_minor: int = 0


@dataclass(frozen=True, slots=True)
class Statement:
    """A month: the balance before it and at its end, the days on which something happened, and the sums of all."""

    month: Month
    currency: str
    opening_minor: int
    closing_minor: int
    days: Sequence[Day]
    total: Day
    made_at: int
    zone: str

    @property
    def is_over(self) -> bool:
        """Whether the month had ended when this was made."""
        return self.made_at >= self.month.end

    def has(self, heading: str) -> bool:
        """Whether anything stands under a heading."""
        return heading in self.total.counts


def choices(reader: Reader, *, shop_id: str, zone: tzinfo) -> list[Month]:
    """The months that there is a statement of, newest first."""
    first = extracts.first_of(reader, code=chart.shop_account(shop_id))
    return months.newest(reader.now, first.created_at, zone, _MOST_MONTHS) if first else []


def statement(reader: Reader, *, shop_id: str, name: str, zone: tzinfo) -> Statement:
    """The statement of a month such as `2026-11`; `bad_input` for no month."""
    code = chart.shop_account(shop_id)
    wanted = months.month_named(name, zone)
    first, end = extracts.seq_at(reader, at_ms=wanted.start), extracts.seq_at(reader, at_ms=wanted.end)
    before = extracts.sums(reader, code=code, pick=Pick(), before_seq=first)
    opening = before.in_minor - before.out_minor
    days: dict[int, Day] = {}
    total = Day(wanted.start)
    for slot, kind, count, changed in _moved(reader, code, first, end):
        at = months.day_starts(months.day_of(slot * _SLOT_MS, zone), 0, zone)[0]
        for day in (days.setdefault(at, Day(at)), total):
            _add(day, COLUMNS.get(kind, SALES), count, int(changed))
    balance = opening
    for day in sorted(days.values(), key=lambda day: day.at):
        balance += sum(day.sums.values())
        day.balance_minor = balance
    return Statement(
        month=wanted,
        currency=accounts.balance(reader, code=code).currency,
        opening_minor=opening,
        closing_minor=balance,
        days=sorted(days.values(), key=lambda day: day.at),
        total=total,
        made_at=reader.now,
        zone=str(zone),
    )


def table(reader: Reader, *, shop_id: str, name: str, zone: tzinfo) -> bytes:
    """Every movement of a month as CSV, oldest first, with the balance after each; amounts in minor units."""
    code = chart.shop_account(shop_id)
    wanted = months.month_named(name, zone)
    first, end = extracts.seq_at(reader, at_ms=wanted.start), extracts.seq_at(reader, at_ms=wanted.end)
    before = extracts.sums(reader, code=code, pick=Pick(), before_seq=first)
    balance = before.in_minor - before.out_minor
    page = io.StringIO()
    out = csv.writer(page, lineterminator="\n")
    out.writerow(["time", "what", "for", "transfer", "amount_minor", "balance_minor"])
    for at, kind, reference, id, changed in _every(reader, code, first, end):
        balance += changed
        out.writerow([clock.rfc3339(at), COLUMNS.get(kind, kind), reference, id, changed, balance])
    return page.getvalue().encode()


def _add(day: Day, heading: str, count: int, changed: int) -> None:
    day.counts[heading] = day.counts.get(heading, 0) + count
    day.sums[heading] = day.sums.get(heading, 0) + changed


_HALF = (
    "SELECT {what} FROM ledger_transfer WHERE {side}_account = :code AND phase = 'posted'"
    " AND seq >= :first AND seq < :end"
)


def _moved(reader: Reader, code: str, first: int, end: int) -> list[tuple[int, str, int, int]]:
    """How many transfers of each kind changed the account by how much, by quarter hours."""
    halves = [
        _HALF.format(what=f"created_at, kind, {sign}amount_minor AS changed", side=side)
        for side, sign in (("credit", ""), ("debit", "-"))
    ]
    rows = reader.sql.rows(
        f"SELECT created_at / {_SLOT_MS}, kind, COUNT(*), SUM(changed) FROM ({' UNION ALL '.join(halves)}) AS m"
        " GROUP BY 1, 2 ORDER BY 1, 2",
        code=code,
        first=first,
        end=end,
    )
    return [(slot, kind, count, changed) for slot, kind, count, changed in rows]


def _every(reader: Reader, code: str, first: int, end: int) -> list[tuple[int, str, str, str, int]]:
    """Each transfer of a stretch: time, kind, reference, id, change."""
    halves = [
        _HALF.format(what=f"created_at, kind, reference, id, {sign}amount_minor AS changed, seq", side=side)
        for side, sign in (("credit", ""), ("debit", "-"))
    ]
    rows = reader.sql.rows(f"{' UNION ALL '.join(halves)} ORDER BY seq", code=code, first=first, end=end)
    return [(at, kind, reference, id, changed) for at, kind, reference, id, changed, _ in rows]
