"""The leaf of the audit chain: a transfer's row as bytes. Every column, in one order for ever, no two rows alike.

Each value is a tag and its content: `n` for none, `i` and 8 bytes (big-endian, two's complement) for an integer, `t`,
4 bytes of length and UTF-8 for a text. Tags and lengths make the encoding injective: another value in any column, or
text moved from one column into the next, gives other bytes.
"""

from __future__ import annotations

from shared.ledger.transfers import Transfer

PREFIX = b"saoma-transfer\x00"
COLUMNS = (
    "seq", "id", "debit_account", "credit_account", "amount_minor", "currency", "kind", "reference", "created_at",
    "phase", "pending_id", "group_id", "expires_at",
)  # fmt: skip
"""The order of the values. A column that comes later goes to the end, under another prefix."""

_PLACES = tuple(Transfer._fields.index(name) for name in COLUMNS)


class StrangeValue(ValueError):
    """A row holds what no transfer can hold (bytes, a fraction): it was not written by the ledger."""


def encoded(row: Transfer) -> bytes:
    """The row as the content of its leaf; `StrangeValue` when it cannot be one."""
    return PREFIX + b"".join([_value(row[place]) for place in _PLACES])


def _value(value: object) -> bytes:
    if type(value) is str:
        raw = value.encode("utf-8", "surrogatepass")
        return b"t" + len(raw).to_bytes(4, "big") + raw
    if type(value) is int and -(2**63) <= value < 2**63:
        return b"i" + value.to_bytes(8, "big", signed=True)
    if value is None:
        return b"n"
    raise StrangeValue(f"a transfer's row holds {type(value).__name__} {value!r}")
