"""The leaf of the audit chain: a transfer's row as bytes. Every column, in one order for ever, no two rows alike.

Each value is a tag and its content: `n` for none, `i` and 8 bytes (big-endian, two's complement) for an integer, `t`,
4 bytes of length and UTF-8 for a text. Tags and lengths make the encoding injective: another value in any column, or
text moved from one column into the next, gives other bytes.
"""

from __future__ import annotations

from operator import itemgetter
from struct import Struct
from struct import error as StructError

from shared.ledger.transfers import Transfer

PREFIX = b"saoma-transfer\x00"
COLUMNS = (
    "seq", "id", "debit_account", "credit_account", "amount_minor", "currency", "kind", "reference", "created_at",
    "phase", "pending_id", "group_id", "expires_at",
)  # fmt: skip
"""The order of the values. A column that comes later goes to the end, under another prefix."""

_in_order = itemgetter(*(Transfer._fields.index(name) for name in COLUMNS))
_integer = Struct(">cq").pack
_text = Struct(">cI").pack


class StrangeValue(ValueError):
    """A row holds what no transfer can hold (bytes, a fraction): it was not written by the ledger."""


def encoded(row: Transfer) -> bytes:
    """The row as the content of its leaf; `StrangeValue` when it cannot be one."""
    parts = [PREFIX]
    try:
        for value in _in_order(row):
            if value is None:
                parts.append(b"n")
            elif type(value) is str:
                raw = value.encode()
                parts.append(_text(b"t", len(raw)) + raw)
            elif type(value) is int:
                parts.append(_integer(b"i", value))
            else:
                raise StrangeValue(f"a transfer's row holds {type(value).__name__} {value!r}")
    except (UnicodeEncodeError, StructError) as error:
        raise StrangeValue(f"a transfer's row holds {value!r}") from error
    return b"".join(parts)
