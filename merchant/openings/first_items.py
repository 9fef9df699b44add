"""The first items of a new shop: a name and a price a line, as they are typed on the third screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from merchant.catalog import actions as catalog
from merchant.catalog import fields
from merchant.catalog.actions import By
from merchant.catalog.fields import Fields
from merchant.standing import At
from shared.db.unit import UnitOfWork
from shared.money import Currency

ROWS = 4


def read(rows: Iterable[tuple[str, str]], unit: Currency) -> list[Fields]:
    """The items of those lines that are not empty, checked as the catalogue checks them."""
    return [
        Fields(name=fields.name_of(name), price_minor=fields.price_of(price, unit))
        for name, price in rows
        if name.strip() or price.strip()
    ]


def put_on_sale(uow: UnitOfWork, *, at: At, items: Sequence[Fields]) -> None:
    """All of them, or none."""
    for item in items:
        catalog.add_item(uow, shop_id=at.shop.id, item=item, by=By(at.member.id, at.terminal.id))
