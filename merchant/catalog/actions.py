"""Keeping the catalogue: items are added, edited, archived and brought back; each by somebody, and told in the log.

`by` is who does it, as the log names them: a member and a terminal; nobody when the installation itself does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, update

from merchant.activity import log
from merchant.catalog import fields, options, pictures, queries, spreadsheet
from merchant.catalog.fields import Fields, SkuTaken, StockUnfit
from merchant.catalog.models import Item as ItemRow
from merchant.catalog.queries import Item
from merchant.catalog.spreadsheet import Plan, Row, SheetUnfit
from shared import events, ids
from shared.db.unit import UnitOfWork
from shared.errors import BadInput, Conflict
from shared.money import Currency

MOST_ITEMS = 2_000
_UNUSED_FOR_MS = 24 * 3_600_000
"""So long a picture waits for the item that it was uploaded for."""
_KEEP = (
    "INSERT INTO catalog_picture (shop_id, hash, content, created_at) VALUES (:shop, :hash, :content, :now)"
    " ON CONFLICT (shop_id, hash) DO UPDATE SET created_at = excluded.created_at"
)
_FORGET_UNUSED = (
    "DELETE FROM catalog_picture WHERE shop_id = :shop AND created_at < :oldest AND NOT EXISTS"
    " (SELECT 1 FROM catalog_item AS i WHERE i.shop_id = catalog_picture.shop_id AND i.picture = catalog_picture.hash)"
)


class ItemChanged(Conflict):
    """Somebody edited the item since it was looked at; nothing of this edit was kept."""

    code = "item_changed"


class TooManyItems(Conflict):
    """A catalogue has room for `most` items, archived ones counted."""

    code = "too_many_items"


class PictureUnknown(BadInput):
    """An item names a picture that was not uploaded, or too long ago."""

    code = "picture_unknown"


@dataclass(frozen=True, slots=True)
class By:
    """Who does something: a member at a terminal."""

    member_id: str | None = None
    terminal_id: str | None = None


NOBODY = By()


def add_item(uow: UnitOfWork, *, shop_id: str, item: Fields, by: By = NOBODY) -> Item:
    """Put an item on sale, behind those that are there."""
    [(count, position)] = uow.sql.rows(
        "SELECT count(*), COALESCE(max(position), 0) + 1 FROM catalog_item WHERE shop_id = :shop", shop=shop_id
    )
    if count >= MOST_ITEMS:
        raise TooManyItems(most=MOST_ITEMS)
    _check(uow, shop_id, item, "")
    id = ids.new_id(queries.PREFIX, uow.now)
    times = {"created_at": uow.now, "updated_at": uow.now, "archived_at": None}
    place = {"id": id, "shop_id": shop_id, "position": position, "version": 1}
    uow.execute(insert(ItemRow).values(**place, **_values(item), stock=item.stock, **times))
    return _told(uow, shop_id, id, "item.added", by)


def edit_item(
    uow: UnitOfWork,
    *,
    shop_id: str,
    id: str,
    version: int,
    item: Fields,
    stock_was: int | None = None,
    by: By = NOBODY,
) -> Item:
    """Change an item that nobody edited since `version` (`item_changed`).

    The stock moves by what was typed over `stock_was`, so that a sale made meanwhile is not undone.
    """
    before = _of_version(uow, shop_id, id, version)
    _check(uow, shop_id, item, id)
    changed = {"stock": _stock(before, item.stock, stock_was), "version": version + 1, "updated_at": uow.now}
    uow.execute(update(ItemRow).where(ItemRow.id == id).values(**_values(item), **changed))
    if before.price_minor != item.price_minor:
        return _told(uow, shop_id, id, "item.repriced", by, was_minor=before.price_minor, price_minor=item.price_minor)
    return _told(uow, shop_id, id, "item.edited", by)


def archive_item(uow: UnitOfWork, *, shop_id: str, id: str, version: int, by: By = NOBODY) -> Item:
    """Take an item off the till; what was sold of it stays as it is. Archiving again changes nothing."""
    return _put_away(uow, shop_id, id, version, uow.now, by)


def restore_item(uow: UnitOfWork, *, shop_id: str, id: str, version: int, by: By = NOBODY) -> Item:
    """Put an archived item back on sale."""
    return _put_away(uow, shop_id, id, version, None, by)


def import_items(uow: UnitOfWork, *, shop_id: str, rows: Sequence[Row], unit: Currency, by: By = NOBODY) -> Plan:
    """Carry out all lines of a sheet or, when one of them is unfit, none (`sheet_unfit`)."""
    plan = spreadsheet.plan(rows, queries.everything(uow, shop_id=shop_id), unit)
    if plan.faults:
        raise SheetUnfit(count=len(plan.faults), line=plan.faults[0].line)
    for item, wanted in plan.changed:
        live = restore_item(uow, shop_id=shop_id, id=item.id, version=item.version, by=by)
        edit_item(uow, shop_id=shop_id, id=item.id, version=live.version, item=wanted, by=by)
    for wanted in plan.added:
        add_item(uow, shop_id=shop_id, item=wanted, by=by)
    return plan


def keep_picture(uow: UnitOfWork, *, shop_id: str, content: bytes) -> str:
    """Keep a picture (WebP) until an item uses it, at most a day; its name. Old ones that no item uses are let go."""
    hash = pictures.name_of(content)
    uow.sql.run(_FORGET_UNUSED, shop=shop_id, oldest=uow.now - _UNUSED_FOR_MS)
    uow.sql.run(_KEEP, shop=shop_id, hash=hash, content=content, now=uow.now)
    return hash


def _put_away(uow: UnitOfWork, shop_id: str, id: str, version: int, at: int | None, by: By) -> Item:
    found = queries.item_of_shop(uow, id=id, shop_id=shop_id)
    if (found.archived_at is None) == (at is None):
        return found
    _of_version(uow, shop_id, id, version)
    changed = {"archived_at": at, "version": version + 1, "updated_at": uow.now}
    uow.execute(update(ItemRow).where(ItemRow.id == id).values(**changed))
    return _told(uow, shop_id, id, "item.restored" if at is None else "item.archived", by)


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


def _told(uow: UnitOfWork, shop_id: str, id: str, what: str, by: By, **details: int) -> Item:
    """The item as it now stands; the journal and the log hear of it."""
    item = queries.item_of_shop(uow, id=id, shop_id=shop_id)
    uow.emit("item.changed", [events.party_topic(shop_id)], item=id)
    if by != NOBODY:
        log.note(
            uow,
            shop_id=shop_id,
            member_id=by.member_id,
            terminal_id=by.terminal_id,
            what=what,
            subject=id,
            details={"item": item.name, **details},
        )
    return item
