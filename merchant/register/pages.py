"""The register's pages: the cart with its catalogue and keypad, and a sale that is paid in parts."""

from __future__ import annotations

from typing import Any

from flask import render_template

from merchant import service, signed_in
from merchant.catalog import options
from merchant.catalog import queries as catalog
from merchant.catalog.queries import Item
from merchant.checkout.sales import told
from merchant.register import cart, parking, queries
from merchant.register.queries import Part, Sale
from merchant.register.states import SaleState
from merchant.staff.roles import Role, needs
from shared.db import outbox
from shared.db.unit import Reader

doors = signed_in.pages("register_pages")


@doors.get("/")
@needs(Role.CASHIER)
def register() -> str:
    """A new sale: what is sold, the keypad, the cart, Charge."""
    found = service.read(_counter, shop_id=service.at().shop.id)
    return render_template("till/register.html", limits=cart, **found)


@doors.get("/split/<id>")
@needs(Role.CASHIER)
def split(id: str) -> str:
    """A sale that several people pay: its parts, which of them are paid, and the codes of the others."""
    return render_template("till/split.html", **service.read(_split, id=id, shop_id=service.at().shop.id))


def _counter(reader: Reader, *, shop_id: str) -> dict[str, Any]:
    items = catalog.for_sale(reader, shop_id=shop_id)
    return {
        "items": items,
        "categories": catalog.categories(items),
        "known": [_for_script(item) for item in items],
        "parked": len(parking.of_shop(reader, shop_id=shop_id)),
        "last_seq": outbox.last_seq(reader),
    }


def _for_script(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "name": item.name,
        "price_minor": item.price_minor,
        "tax_bp": item.tax_bp,
        "sku": item.sku,
        "stock": item.stock,
        "options": options.as_data(item.options),
    }


def _split(reader: Reader, *, id: str, shop_id: str) -> dict[str, Any]:
    sale = queries.by_id(reader, id=id, shop_id=shop_id)
    parts = queries.parts_of(reader, sale)
    return {
        "sale": sale,
        "parts": parts,
        "payers": [told(reader, part.intent).payer if part.intent else None for part in parts],
        "state": queries.state_of(parts, sale).value,
        "paid_minor": sum(part.intent.captured_minor for part in parts if part.intent),
        "next_part": _next_part(sale, parts),
        "last_seq": outbox.last_seq(reader),
    }


def _next_part(sale: Sale, parts: list[Part]) -> int | None:
    """The first part that is not paid; None when the sale is over."""
    if sale.is_stopped or queries.state_of(parts, sale) is SaleState.PAID:
        return None
    return next(part.number for part in parts if not (part.intent and part.intent.captured_minor))
