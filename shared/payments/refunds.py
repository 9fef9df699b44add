"""Reading refunds: one of a shop's, and those of an intent. effects.py writes them as their orders are executed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.db.unit import Reader
from shared.errors import NotFound
from shared.ids import is_id


class UnknownRefund(NotFound):
    """No refund goes by this name here."""

    code = "unknown_refund"


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that a shop gave back: `amount_minor` of `currency` at `created_at` (ms), by the transfer `transfer_id`."""

    id: str
    intent_id: str
    shop_id: str
    amount_minor: int
    currency: str
    reason: str
    state: str
    transfer_id: str | None
    created_at: int


_COLUMNS = ", ".join(Refund.__slots__)


def of_shop(reader: Reader, *, id: str, shop_id: str) -> Refund:
    """One refund of this shop; another shop's does not exist for it (`unknown_refund`)."""
    rows = reader.sql.rows(
        f"SELECT {_COLUMNS} FROM payments_refund WHERE id = :id AND shop_id = :shop",
        id=id if is_id(id, "rf") else "",
        shop=shop_id,
    )
    if not rows:
        raise UnknownRefund()
    return Refund(*rows[0])


def of_intent(reader: Reader, *, intent_id: str, after: Refund | None = None, limit: int = 100) -> list[Refund]:
    """An intent's refunds, oldest first, those made after `after` when given."""
    rows = reader.sql.rows(
        f"SELECT {_COLUMNS} FROM payments_refund WHERE intent_id = :intent"
        " AND (created_at > :at OR created_at = :at AND id > :id) ORDER BY created_at, id LIMIT :limit",
        intent=intent_id,
        at=after.created_at if after else 0,
        id=after.id if after else "",
        limit=limit,
    )
    return [Refund(*row) for row in rows]


def reasons(reader: Reader, *, transfer_ids: Iterable[str]) -> dict[str, str]:
    """Why money was given back, by the transfer that gave it; nothing for a transfer that is no refund."""
    rows = reader.sql.rows(
        "SELECT transfer_id, reason FROM payments_refund WHERE transfer_id IN :ids", ids=sorted(set(transfer_ids))
    )
    return {row[0]: row[1] for row in rows}
