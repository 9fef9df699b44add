"""Goods that come back: counted on the lines that they were sold on, so that nothing comes back twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from merchant.catalog import stock
from shared.db.unit import UnitOfWork
from shared.errors import Conflict


class AlreadyReturned(Conflict):
    """More of a line would come back than is left of it."""

    code = "already_returned"


def take_back(uow: UnitOfWork, *, shop_id: str, sale_id: str, returned: Mapping[int, int], to_stock: bool) -> None:
    """Count so many (one or more) of each line, by position, as returned; `to_stock` puts them on sale again.

    `already_returned` when a line has not so many left, and then none is counted. Moves no money.
    """
    items: Counter[str] = Counter()
    for position, count in returned.items():
        changed = uow.sql.rows(
            "UPDATE register_line SET returned = returned + :count WHERE sale_id = :sale AND position = :position"
            " AND returned + :count <= quantity RETURNING item_id",
            sale=sale_id,
            position=position,
            count=count,
        )
        if not changed:
            raise AlreadyReturned()
        if changed[0][0] is not None:
            items[changed[0][0]] += count
    if to_stock and items:
        stock.put_back(uow, shop_id=shop_id, wanted=items)
