"""Keeping the catalogue: items are added, edited, archived and brought back; each by somebody, and told in the log."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, update

from merchant.catalog import fields, options, queries
from merchant.catalog.fields import Fields, StockUnfit
from merchant.catalog.models import Item as ItemRow
from merchant.catalog.queries import Item
from shared import events, ids
from shared.db.unit import UnitOfWork
from shared.errors import BadInput, Conflict

MOST_ITEMS = 2_000


class SkuTaken(Conflict):
    """Another item of the shop has this number or barcode: `name`."""

    code = "sku_taken"


class ItemChanged(Conflict):
    """Somebody edited the item since it was looked at; nothing of this edit was kept."""

    code = "item_changed"


class TooManyItems(Conflict):
    """A catalogue has room for `most` items, archived ones counted."""

    code = "too_many_items"


class PictureUnknown(BadInput):
    """An item names a picture that was not uploaded, or too long ago."""

    code = "picture_unknown"


def add_item(uow: UnitOfWork, *, shop_id: str, item: Fields) -> Item:
    """Put an item on sale, behind those that are there."""
    [(count, position)] = uow.sql.rows(
        "SELECT count(*), COALESCE(max(position), 0) + 1 FROM catalog_item WHERE shop_id = :shop", shop=shop_id
    )
    if count >= MOST_ITEMS:
        raise TooManyItems(most=MOST_ITEMS)
    _check(uow, shop_id, item, "")
    id = ids.new_id(queries.PREFIX, uow.now)
    uow.execute(
        insert(ItemRow).values(
            id=id,
            shop_id=shop_id,
            **_values(item),
            stock=item.stock,
            position=position,
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            archived_at=None,
        )
    )
    return _told(uow, shop_id, id)


def edit_item(
    uow: UnitOfWork, *, shop_id: str, id: str, version: int, item: Fields, stock_was: int | None = None
) -> Item:
    """Change an item that nobody edited since `version` (`item_changed`).

    The stock moves by what was typed over `stock_was`, so that a sale made meanwhile is not undone.
    """
    before = _of_version(uow, shop_id, id, version)
    _check(uow, shop_id, item, id)
    uow.execute(
        update(ItemRow)
        .where(ItemRow.id == id)
        .values(**_values(item), stock=_stock(before, item.stock, stock_was), version=version + 1, updated_at=uow.now)
    )
    return _told(uow, shop_id, id)


def archive_item(uow: UnitOfWork, *, shop_id: str, id: str, version: int) -> Item:
    """Take an item off the till; what was sold of it stays as it is. Archiving again changes nothing."""
    return _put_away(uow, shop_id, id, version, uow.now)


def restore_item(uow: UnitOfWork, *, shop_id: str, id: str, version: int) -> Item:
    """Put an archived item back on sale."""
    return _put_away(uow, shop_id, id, version, None)


def arrange(uow: UnitOfWork, *, shop_id: str, ids: Sequence[str]) -> None:
    """Put items in this order on the till; those that are not named come behind, as they stood."""
    known = [item.id for item in queries.everything(uow, shop_id=shop_id)]
    named = [id for id in dict.fromkeys(ids) if id in set(known)]
    order = [*named, *(id for id in known if id not in set(named))]
    uow.sql.run_many(
        "UPDATE catalog_item SET position = :position WHERE id = :id",
        [{"position": position, "id": id} for position, id in enumerate(order, start=1)],
    )
    uow.emit("item.changed", [events.party_topic(shop_id)], item="")


def _put_away(uow: UnitOfWork, shop_id: str, id: str, version: int, at: int | None) -> Item:
    found = queries.item_of_shop(uow, id=id, shop_id=shop_id)
    if (found.archived_at is None) == (at is None):
        return found
    _of_version(uow, shop_id, id, version)
    uow.execute(update(ItemRow).where(ItemRow.id == id).values(archived_at=at, version=version + 1, updated_at=uow.now))
    return _told(uow, shop_id, id)


def _of_version(uow: UnitOfWork, shop_id: str, id: str, version: int) -> Item:
    found = queries.item_of_shop(uow, id=id, shop_id=shop_id)
    if found.version != version:
        raise ItemChanged(name=found.name)
    return found


def _check(uow: UnitOfWork, shop_id: str, item: Fields, id: str) -> None:
    """Refuse what the item's fields alone cannot tell: a number that is taken, a picture that is not there."""
    fields.check_together(item.price_minor, item.options)
    same = uow.sql.rows(
        "SELECT name FROM catalog_item WHERE shop_id = :shop AND sku = :sku AND id <> :id",
        shop=shop_id, sku=item.sku or "", id=id,
    )  # fmt: skip
    if same:
        raise SkuTaken(name=same[0][0], field="sku")
    if item.picture and queries.picture(uow, shop_id=shop_id, hash=item.picture) is None:
        raise PictureUnknown(field="picture")


def _values(item: Fields) -> dict[str, object]:
    return {
        "name": item.name,
        "category": item.category,
        "price_minor": item.price_minor,
        "tax_bp": item.tax_bp,
        "sku": item.sku,
        "options": options.as_json(item.options),
        "picture": item.picture,
    }


def _stock(before: Item, typed: int | None, was: int | None) -> int | None:
    if typed is None or was is None or before.stock is None:
        return typed
    stock = before.stock + typed - was
    if not 0 <= stock <= fields.MOST_STOCK:
        raise StockUnfit(field="stock")
    return stock


def _told(uow: UnitOfWork, shop_id: str, id: str) -> Item:
    uow.emit("item.changed", [events.party_topic(shop_id)], item=id)
    return queries.item_of_shop(uow, id=id, shop_id=shop_id)
