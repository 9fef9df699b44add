"""A shop's sales as a file for a spreadsheet: CSV (RFC 4180) in UTF-8 with a byte order mark, one line a payment.

The mark is there because Excel takes the file for something else without it; every other reader skips it. Amounts are
plain decimals. A text that a spreadsheet would carry out as a formula gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from merchant.sales.finding import Row
from shared import clock
from shared.money import currency, to_major

MARK = "\ufeff"
COLUMNS = (
    "time", "state", "receipt", "what", "reference", "payer", "sold_by", "terminal", "asked", "captured", "refunded",
    "tip", "tax", "currency", "intent", "transfer_number",
)  # fmt: skip
"""`tip` and `tax` are the whole sale's, also on each line of one that several payments paid."""
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "\N{MINUS SIGN}")


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """The file, line by line, with the names of the columns first."""
    yield MARK + _line(COLUMNS)
    for row in rows:
        yield _line(cells(row))


def cells(row: Row) -> tuple[str, ...]:
    """One payment's values, in the order of `COLUMNS`."""
    intent, sold = row.sale.intent, row.sold
    unit = currency(intent.currency)
    what = ", ".join(f"{line.quantity} × {line.name}" for line in sold.lines if line.name) if sold else intent.memo
    return (
        clock.rfc3339(intent.created_at), intent.state.value, str(sold.number) if sold else "", harmless(what),
        harmless(intent.reference), row.sale.payer or "", harmless((sold and sold.member) or ""),
        harmless((sold and sold.terminal) or ""), to_major(intent.amount_minor, unit),
        to_major(intent.captured_minor, unit), to_major(intent.refunded_minor, unit),
        to_major(sold.tip_minor, unit) if sold else "", to_major(sold.tax_minor, unit) if sold else "", unit.code,
        intent.id, str(row.number or ""),
    )  # fmt: skip


def harmless(text: str) -> str:
    """A text of somebody else's that no spreadsheet takes for a formula."""
    return "'" + text if text.lstrip(" ").startswith(_STARTS_A_FORMULA) else text


def _line(values: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue()
