"""The statement as a file for a spreadsheet: CSV (RFC 4180) in UTF-8 with a byte order mark, one line an entry.

The mark is there because Excel takes the file for something else without it; every other reader skips it. Amounts are
plain decimals with their sign. A text that a spreadsheet would carry out as a formula gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from shared import clock
from shared.money import currency, to_major
from wallet.history.queries import Entry

MARK = "\ufeff"
COLUMNS = (
    "time", "direction", "kind", "name", "handle", "note", "amount", "held", "currency", "number", "transfer",
)  # fmt: skip
"""`amount` is what the balance felt; `held` what was set aside or released, which moved nothing."""
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "\N{MINUS SIGN}")


def lines(entries: Iterable[Entry]) -> Iterator[str]:
    """The file, line by line, with the names of the columns first."""
    yield MARK + _line(COLUMNS)
    for entry in entries:
        yield _line(cells(entry))


def cells(entry: Entry) -> tuple[str, ...]:
    """One entry's values, in the order of `COLUMNS`."""
    unit = currency(entry.currency)
    amount = to_major(entry.signed_minor, unit) if entry.has_moved else ""
    held = "" if entry.has_moved else to_major(entry.amount_minor, unit)
    return (
        clock.rfc3339(entry.at), entry.direction, entry.kind, harmless(entry.other.shown_name), entry.other.handle,
        harmless(entry.memo), amount, held, unit.code, str(entry.seq), entry.transfer,
    )  # fmt: skip


def harmless(text: str) -> str:
    """A text of somebody else's that no spreadsheet takes for a formula."""
    return "'" + text if text.lstrip(" ").startswith(_STARTS_A_FORMULA) else text


def _line(values: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue()
