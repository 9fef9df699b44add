"""The calls that a shop may see: its own programs', its customers' phones' about its payments, and nobody's.

A call with a wrong key is nobody's: everybody sees that it came, and nobody what was in it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from merchant.inspector import entries
from merchant.inspector.entries import Call, Entry
from shared.db.unit import Reader

_COLUMNS = ", ".join(Call.__slots__)
_MINE = (
    "(shop_id = :shop OR shop_id = '' AND (subject = '' OR EXISTS (SELECT 1 FROM payments_intent AS i"
    " WHERE i.jti = subject AND i.shop_id = :shop)))"
)


def select(reader: Reader, *, where: str, order: str, limit: int, shop_id: str, **values: Any) -> list[Call]:
    """The calls that a shop may see, and that `where` (SQL) wants."""
    rows = reader.sql.rows(
        f"SELECT {_COLUMNS} FROM web_wire WHERE {_MINE} AND {where} ORDER BY seq {order} LIMIT :limit",
        shop=shop_id,
        limit=limit,
        **values,
    )
    return [_call(row) for row in rows]


def of_intent(reader: Reader, *, intent_id: str, jti: str, shop_id: str, limit: int) -> list[Call]:
    """The first calls about one payment intent, oldest first."""
    return select(
        reader,
        where="(intent_id = :intent OR subject = :jti)",
        order="ASC",
        limit=limit,
        shop_id=shop_id,
        intent=intent_id,
        jti=jti or "-",
    )


def last_seq(reader: Reader) -> int:
    """The number of the newest call of all; 0 when there is none."""
    [(seq,)] = reader.sql.rows("SELECT coalesce(max(seq), 0) FROM web_wire")
    return int(seq)


def entry(call: Call) -> Entry:
    """A call as a row."""
    told = _object(call.answered)
    code, status = (str(told.get(name, ""))[:60] for name in ("code", "status"))
    return entries.of_call(call, code=code, status=status if call.status < 400 else "")


def _call(row: Sequence[Any]) -> Call:
    values = dict(zip(Call.__slots__, row, strict=True))
    headers = {name: json.loads(values[name]) for name in ("asked_headers", "answered_headers")}
    call = Call(**values | headers)
    if call.shop_id or call.subject:
        return call
    return Call(**values | {"asked_headers": {}, "answered_headers": {}, "asked": "", "intent_id": ""})


def _object(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
