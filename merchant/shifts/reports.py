"""What a terminal took between two countings of its drawer: the X report at any time, the Z report when it is closed.

A report counts transfers, by their number in the ledger: each one that pays a sale of this terminal, or that is a
refund given here, and that came after what the shift before has counted. So each belongs to one report, and all of them
add up to the ledger; a payment that comes in when the drawer is closed already stands in the next one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from merchant.register import pricing
from merchant.shifts.queries import Shift
from merchant.staff import members
from shared.db.unit import Reader
from shared.ledger import chart

SHOWN, PRESENTED, HELD = "shown", "presented", "held"
"""How it was paid: the customer scanned the till, the till scanned the customer, or it was held and taken later."""


@dataclass(frozen=True, slots=True)
class Sum:
    """So many payments (or refunds) under a name: a method, a member. `refunded_minor` of `refunds` is given back."""

    name: str
    payments: int = 0
    amount_minor: int = 0
    refunds: int = 0
    refunded_minor: int = 0
    tips_minor: int = 0


@dataclass(frozen=True, slots=True)
class Tax:
    """What was sold at a rate (basis points), tax included, and the tax inside it."""

    basis_points: int
    gross_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Cash:
    """What the drawer began with, what went in and out, what must be in it; once it is counted, what is."""

    float_minor: int
    put_in_minor: int
    taken_out_minor: int
    counted_minor: int | None

    @property
    def expected_minor(self) -> int:
        """What must be in the drawer."""
        return self.float_minor + self.put_in_minor - self.taken_out_minor

    @property
    def difference_minor(self) -> int | None:
        """Counted beyond what was expected; less than 0: missing. None before it is counted."""
        return None if self.counted_minor is None else self.counted_minor - self.expected_minor


@dataclass(frozen=True, slots=True)
class Report:
    """A terminal's takings between two transfers of the ledger (the first not included)."""

    since_seq: int
    until_seq: int
    made_at: int
    payments: int
    taken_minor: int
    refunds: int
    refunded_minor: int
    sales: int
    """Sales whose last part was paid here."""
    sold_minor: int
    discounts_minor: int
    tips_minor: int
    tax_minor: int
    taxes: Sequence[Tax]
    by_method: Sequence[Sum]
    by_member: Sequence[Sum]
    elsewhere: Sum
    """What the shop took meanwhile that no till sold: at the printed code, and by its programs."""
    cash: Cash

    @property
    def net_minor(self) -> int:
        """What was taken beyond what was given back."""
        return self.taken_minor - self.refunded_minor


@dataclass(frozen=True, slots=True)
class _Payment:
    sale_id: str
    member_id: str
    amount_minor: int
    method: str


@dataclass(frozen=True, slots=True)
class _Sold:
    member_id: str
    discount_minor: int
    tip_minor: int
    goods: Sequence[Tax]
    """What was paid for them, by rate: after the discount, before the tip."""


def of_shift(reader: Reader, *, shift: Shift, until_seq: int, counted_minor: int | None = None) -> Report:
    """The report of a shift, up to a transfer."""
    window: dict[str, str | int] = {"terminal": shift.terminal_id, "since": shift.since_seq, "until": until_seq}
    account = chart.shop_account(shift.shop_id)
    payments = _payments(reader, account, window)
    refunds = _refunds(reader, account, window)
    sold = _sold(reader, sorted({payment.sale_id for payment in payments}), window)
    taxes = _by_rate(sold)
    names = members.names_of(reader, ids=[who for who, _ in refunds] + [payment.member_id for payment in payments])
    return Report(
        since_seq=shift.since_seq,
        until_seq=until_seq,
        made_at=reader.now,
        payments=len(payments),
        taken_minor=sum(payment.amount_minor for payment in payments),
        refunds=len(refunds),
        refunded_minor=sum(amount for _, amount in refunds),
        sales=len(sold),
        sold_minor=sum(tax.gross_minor for tax in taxes),
        discounts_minor=sum(sale.discount_minor for sale in sold),
        tips_minor=sum(sale.tip_minor for sale in sold),
        tax_minor=sum(tax.tax_minor for tax in taxes),
        taxes=taxes,
        by_method=_by_method(payments),
        by_member=_by_member(payments, refunds, names, sold),
        elsewhere=_elsewhere(reader, account, shift.since_seq, until_seq),
        cash=_cash(reader, shift, counted_minor),
    )


def as_text(report: Report) -> str:
    """A report as it is kept."""
    return json.dumps(asdict(report), ensure_ascii=False)


def from_text(text: str) -> Report:
    """A report that was kept."""
    told = json.loads(text)
    told["taxes"] = [Tax(**row) for row in told["taxes"]]
    for name in ("by_method", "by_member"):
        told[name] = [Sum(**row) for row in told[name]]
    return Report(**told | {"elsewhere": Sum(**told["elsewhere"]), "cash": Cash(**told["cash"])})


def _payments(reader: Reader, account: str, window: dict[str, str | int]) -> list[_Payment]:
    """Each transfer of the window that pays a sale of the terminal."""
    rows = reader.sql.rows(
        "SELECT s.id, coalesce(s.member_id, ''), t.amount_minor, i.capture_method,"
        " EXISTS (SELECT 1 FROM payments_presented AS p WHERE p.intent_id = i.id)"
        " FROM ledger_transfer AS t JOIN payments_intent AS i ON i.id = t.reference AND i.transfer_id = t.id"
        " JOIN register_tender AS n ON n.intent_id = i.id JOIN register_sale AS s ON s.id = n.sale_id"
        " WHERE t.credit_account = :account AND t.seq > :since AND t.seq <= :until AND s.terminal_id = :terminal"
        " ORDER BY t.seq",
        account=account,
        **window,
    )
    return [
        _Payment(sale_id, member_id, amount, HELD if capture == "manual" else PRESENTED if presented else SHOWN)
        for sale_id, member_id, amount, capture, presented in rows
    ]


def _refunds(reader: Reader, account: str, window: dict[str, str | int]) -> list[tuple[str, int]]:
    """Who gave back how much, each refund of the window that was given at the terminal."""
    rows = reader.sql.rows(
        "SELECT h.member_id, t.amount_minor FROM ledger_transfer AS t JOIN payments_refund AS r ON r.transfer_id = t.id"
        " JOIN shifts_refund AS h ON h.refund_id = r.id"
        " WHERE t.debit_account = :account AND t.seq > :since AND t.seq <= :until AND h.terminal_id = :terminal"
        " ORDER BY t.seq",
        account=account,
        **window,
    )
    return [(who, amount) for who, amount in rows]


def _sold(reader: Reader, sale_ids: list[str], window: dict[str, str | int]) -> list[_Sold]:
    """Those of the sales whose last part was paid in the window."""
    rows = reader.sql.rows(
        "SELECT s.id, coalesce(s.member_id, ''), s.discount_minor, s.tip_minor, sum(t.amount_minor)"
        " FROM register_sale AS s JOIN register_tender AS n ON n.sale_id = s.id"
        " JOIN payments_intent AS i ON i.id = n.intent_id JOIN ledger_transfer AS t ON t.id = i.transfer_id"
        " WHERE s.id IN :ids AND t.seq <= :until GROUP BY s.id, s.member_id, s.discount_minor, s.tip_minor,"
        " s.total_minor HAVING sum(n.amount_minor) = s.total_minor AND max(t.seq) > :since",
        ids=sale_ids,
        since=window["since"],
        until=window["until"],
    )
    goods: dict[str, list[Tax]] = defaultdict(list)
    for id, rate, gross, tax in reader.sql.rows(
        "SELECT sale_id, tax_bp, sum(net_minor), sum(tax_minor) FROM register_line WHERE sale_id IN :ids"
        " GROUP BY sale_id, tax_bp ORDER BY sale_id, tax_bp",
        ids=[row[0] for row in rows],
    ):
        goods[id].append(Tax(int(rate), int(gross), int(tax)))
    return [_Sold(who, off, *_as_taken(goods[id], tip, int(taken))) for id, who, off, tip, taken in rows]


def _as_taken(goods: Sequence[Tax], tip_minor: int, taken_minor: int) -> tuple[int, Sequence[Tax]]:
    """The tip and the goods that were paid: where a part of a hold was captured, each gets its share of that."""
    whole = sum(tax.gross_minor for tax in goods)
    if taken_minor == whole + tip_minor:
        return tip_minor, goods
    paid, tip = pricing.spread(taken_minor, [whole, tip_minor])
    lines = [pricing.Line(tax.gross_minor, tax_bp=tax.basis_points) for tax in goods]
    bill = pricing.priced(lines, discount=pricing.Share(amount_minor=whole - paid))
    return tip, [Tax(sum.tax_bp, sum.net_minor, sum.tax_minor) for sum in bill.taxes]


def _by_rate(sold: Sequence[_Sold]) -> list[Tax]:
    """The sums of each rate, the lowest first."""
    found: dict[int, list[Tax]] = defaultdict(list)
    for sale in sold:
        for tax in sale.goods:
            found[tax.basis_points].append(tax)
    return [
        Tax(rate, sum(tax.gross_minor for tax in taxes), sum(tax.tax_minor for tax in taxes))
        for rate, taxes in sorted(found.items())
    ]


def _by_method(payments: Sequence[_Payment]) -> list[Sum]:
    found = []
    for method in (SHOWN, PRESENTED, HELD):
        amounts = [payment.amount_minor for payment in payments if payment.method == method]
        if amounts:
            found.append(Sum(method, len(amounts), sum(amounts)))
    return found


def _by_member(
    payments: Sequence[_Payment], refunds: Sequence[tuple[str, int]], names: dict[str, str], sold: Sequence[_Sold]
) -> list[Sum]:
    found = []
    for id, name in sorted(names.items(), key=lambda known: known[1]):
        taken = [payment.amount_minor for payment in payments if payment.member_id == id]
        given = [amount for who, amount in refunds if who == id]
        tipped = sum(sale.tip_minor for sale in sold if sale.member_id == id)
        found.append(Sum(name, len(taken), sum(taken), len(given), sum(given), tipped))
    return found


def _elsewhere(reader: Reader, account: str, since: int, until: int) -> Sum:
    """What no report of a till counts, nor will: it was not sold at one, or at one that is revoked and counted out."""
    [(count, amount)] = reader.sql.rows(
        "SELECT count(*), coalesce(sum(t.amount_minor), 0) FROM ledger_transfer AS t"
        " JOIN payments_intent AS i ON i.id = t.reference AND i.transfer_id = t.id"
        " WHERE t.credit_account = :account AND t.seq > :since AND t.seq <= :until"
        " AND NOT EXISTS (SELECT 1 FROM register_tender AS n JOIN register_sale AS s ON s.id = n.sale_id"
        " JOIN terminals_terminal AS x ON x.id = s.terminal_id WHERE n.intent_id = i.id"
        " AND (x.revoked_at IS NULL OR EXISTS (SELECT 1 FROM shifts_shift AS h WHERE h.terminal_id = x.id"
        " AND (h.until_seq IS NULL OR h.until_seq >= t.seq))))",
        account=account,
        since=since,
        until=until,
    )
    return Sum("elsewhere", int(count), int(amount))


def _cash(reader: Reader, shift: Shift, counted_minor: int | None) -> Cash:
    rows = reader.sql.rows("SELECT amount_minor FROM shifts_cash WHERE shift_id = :shift", shift=shift.id)
    put_in = sum(amount for (amount,) in rows if amount > 0)
    return Cash(shift.float_minor, put_in, -sum(amount for (amount,) in rows if amount < 0), counted_minor)
