"""What the catalogue shows: items as they are edited, and as they stand for sale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from merchant.catalog import options
from merchant.catalog.options import Groups
from shared.db.unit import Reader
from shared.errors import NotFound
from shared.ids import is_id

PREFIX = "itm"
_COLUMNS = [
    "id", "name", "category", "price_minor", "tax_bp", "sku", "stock", "options", "picture", "version", "created_at",
    "updated_at", "archived_at",
]  # fmt: skip


class UnknownItem(NotFound):
    """No such item, or another shop's."""

    code = "unknown_item"


class ItemGone(NotFound):
    """A sale names an item that this shop does not sell, or not any more."""

    code = "item_gone"


@dataclass(frozen=True, slots=True)
class Item:
    """An item as it stands; the columns' meaning is told at the table."""

    id: str
    name: str
    category: str
    price_minor: int
    tax_bp: int
    sku: str | None
    stock: int | None
    options: Groups
    picture: str | None
    version: int
    created_at: int
    updated_at: int
    archived_at: int | None

    @property
    def is_sold_out(self) -> bool:
        """Whether it is counted and none is left."""
        return self.stock == 0


def for_sale(reader: Reader, *, shop_id: str) -> list[Item]:
    """What a shop sells, in the order of its till."""
    return _read(reader, "shop_id = :shop AND archived_at IS NULL ORDER BY position, id", shop=shop_id)


def archived(reader: Reader, *, shop_id: str) -> list[Item]:
    """What a shop sells no more, the last archived first."""
    return _read(reader, "shop_id = :shop AND archived_at IS NOT NULL ORDER BY archived_at DESC, id", shop=shop_id)


def sellable(reader: Reader, *, shop_id: str, ids: Iterable[str]) -> dict[str, Item]:
    """These items as they are sold now, by id; `item_gone` when one of them is not for sale here."""
    wanted = list(dict.fromkeys(ids))
    found = _read(reader, "id IN :ids AND shop_id = :shop AND archived_at IS NULL", ids=wanted, shop=shop_id)
    if len(found) < len(wanted):
        raise ItemGone()
    return {item.id: item for item in found}


def item_of_shop(reader: Reader, *, id: str, shop_id: str) -> Item:
    """One item of this shop, archived or not; another shop's does not exist for it (`unknown_item`)."""
    found = _read(reader, "id = :id AND shop_id = :shop", id=id, shop=shop_id) if is_id(id, PREFIX) else []
    if not found:
        raise UnknownItem()
    return found[0]


def everything(reader: Reader, *, shop_id: str) -> list[Item]:
    """All items of a shop, archived ones too, in the order of its till."""
    return _read(reader, "shop_id = :shop ORDER BY position, id", shop=shop_id)


def categories(items: Sequence[Item]) -> list[str]:
    """What the items stand under, each once, in the order of the till; the empty one is left out."""
    return list(dict.fromkeys(item.category for item in items if item.category))


def picture(reader: Reader, *, shop_id: str, hash: str) -> bytes | None:
    """A picture of this shop's as WebP, or None."""
    rows = reader.sql.rows(
        "SELECT content FROM catalog_picture WHERE shop_id = :shop AND hash = :hash", shop=shop_id, hash=hash
    )
    return bytes(rows[0][0]) if rows else None


def _read(reader: Reader, where: str, **params: Any) -> list[Item]:
    rows = reader.sql.rows(f"SELECT {', '.join(_COLUMNS)} FROM catalog_item WHERE {where}", **params)
    found = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
    return [Item(**(columns | {"options": options.from_json(columns["options"])})) for columns in found]
