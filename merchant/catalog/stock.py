"""Stock: taken when a sale is charged, put back when it ends unpaid or what was sold comes back.

An item that nobody counts is never sold out. Several items are taken all or not at all: the refusal of one undoes the
action that asked.
"""

from __future__ import annotations

from collections.abc import Mapping

from merchant.catalog.queries import ItemGone
from shared import events
from shared.db.unit import UnitOfWork
from shared.errors import Conflict

_TAKE = (
    "UPDATE catalog_item SET stock = stock - :count WHERE id = :id AND shop_id = :shop AND archived_at IS NULL"
    " AND (stock IS NULL OR stock >= :count) RETURNING stock"
)
_PUT_BACK = (
    "UPDATE catalog_item SET stock = stock + :count WHERE id = :id AND shop_id = :shop AND stock IS NOT NULL"
    " RETURNING stock - :count"
)


class SoldOut(Conflict):
    """Fewer are left of an item than the sale wants: `name` and how many are `left`."""

    code = "sold_out"


def take(uow: UnitOfWork, *, shop_id: str, wanted: Mapping[str, int]) -> None:
    """Take so many (one or more) of each item, by id; `sold_out` or `item_gone` names the first that cannot be had."""
    for id, count in wanted.items():
        taken = uow.sql.rows(_TAKE, id=id, shop=shop_id, count=count)
        if not taken:
            raise _why_not(uow, shop_id, id)
        if taken[0][0] == 0:
            uow.emit("item.sold_out", [events.party_topic(shop_id)], item=id)


def put_back(uow: UnitOfWork, *, shop_id: str, wanted: Mapping[str, int]) -> None:
    """Put so many of each item back; what nobody counts, or nobody knows any more, is passed over."""
    for id, count in wanted.items():
        before = uow.sql.rows(_PUT_BACK, id=id, shop=shop_id, count=count)
        if before and before[0][0] == 0:
            uow.emit("item.changed", [events.party_topic(shop_id)], item=id)


def _why_not(uow: UnitOfWork, shop_id: str, id: str) -> ItemGone | SoldOut:
    rows = uow.sql.rows(
        "SELECT name, stock FROM catalog_item WHERE id = :id AND shop_id = :shop AND archived_at IS NULL",
        id=id, shop=shop_id,
    )  # fmt: skip
    return SoldOut(name=rows[0][0], left=rows[0][1]) if rows else ItemGone()
