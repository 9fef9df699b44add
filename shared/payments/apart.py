"""Frames taken apart for people who want to see how it works: what a code says, who sealed it, whether the seal holds.

By this installation's registry. Whether a code would be taken *now* is not asked; nothing acts on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from shared.codes import digits, explain
from shared.db import outbox
from shared.db.unit import Reader
from shared.identity import keys

_SHOWN = ("kind", "type", "bytes", "says", "sealed_by", "seal_holds", "frame")
_ORDERS = "SELECT transfer_id, frame, presented FROM payments_order WHERE transfer_id IN :ids"


class Apart:
    """Takes frames apart, and looks each key up once."""

    def __init__(self, reader: Reader) -> None:
        self._realm = outbox.realm(reader)
        self._find_key = cache(lambda kid: keys.find(reader, kid=kid))

    def frame(self, frame: bytes) -> dict[str, Any]:
        """`kind`, `type`, `bytes`, `says` (fields by name), `sealed_by`, `seal_holds`, `frame` (hex)."""
        text = digits.encode(frame)
        answer = explain.explain(text, realm=self._realm, find_key=self._find_key, now_s=None)
        return {name: answer[name] for name in _SHOWN}


def orders_behind(reader: Reader, *, transfer_ids: Iterable[str]) -> dict[str, tuple[bytes, bytes]]:
    """The signed order behind each transfer, and the code that came with it (empty where none did)."""
    rows = reader.sql.rows(_ORDERS, ids=sorted(set(transfer_ids)))
    return {id: (bytes(frame), bytes(presented or b"")) for id, frame, presented in rows}
