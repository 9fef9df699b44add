"""The items' pages: the list, one item, the sheet; and the pictures, which every till shows."""

from __future__ import annotations

from flask import Response, render_template, request

from merchant import service, signed_in
from merchant.catalog import fields, options, queries, spreadsheet
from merchant.catalog.queries import Item
from merchant.staff.roles import Role, needs
from shared.errors import NotFound
from shared.money import to_major
from shared.web.typed import folded

doors = signed_in.pages("items")
_FOR_GOOD = "private, max-age=31536000, immutable"


@doors.get("/items")
@needs(Role.MANAGER)
def item_list() -> str:
    """What the shop sells, under its categories; or what it sold once."""
    is_archive = "archived" in request.args
    found = service.read(queries.archived if is_archive else queries.for_sale, shop_id=_shop_id())
    looked_for = request.args.get("q", "")[:64].strip()
    shown = [item for item in found if _fits(item, looked_for)]
    shelves = [(name, [item for item in shown if item.category == name]) for name in ["", *queries.categories(shown)]]
    told = {"shelves": [shelf for shelf in shelves if shelf[1]], "all": len(found), "looked_for": looked_for}
    return render_template("till/items.html", is_archive=is_archive, percent=fields.percent, **told)


@doors.get("/items/new")
@needs(Role.MANAGER)
def new_item() -> str:
    """An empty form."""
    return _form(None)


@doors.get("/items/sheet")
@needs(Role.MANAGER)
def sheet() -> str:
    """Many items at once: the file out, a file in."""
    count = len(service.read(queries.for_sale, shop_id=_shop_id()))
    return render_template("till/items_sheet.html", count=count, columns=spreadsheet.COLUMNS)


@doors.get("/items/sheet.csv")
@needs(Role.MANAGER)
def sheet_file() -> Response:
    """What the shop sells, as a file."""
    text = spreadsheet.written(service.read(queries.for_sale, shop_id=_shop_id()), service.unit())
    answer = Response(text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{service.at().shop.handle}-items.csv"'
    return answer


@doors.get("/items/<id>")
@needs(Role.MANAGER)
def item(id: str) -> str:
    """One item's form."""
    return _form(service.read(queries.item_of_shop, id=id, shop_id=_shop_id()))


@doors.get("/pictures/<hash>.webp")
@needs(Role.CASHIER)
def picture(hash: str) -> Response:
    """A picture of this shop's; its address never shows another one."""
    content = service.read(queries.picture, shop_id=_shop_id(), hash=hash)
    if content is None:
        raise NotFound()
    answer = Response(content, mimetype="image/webp")
    answer.headers["Cache-Control"] = _FOR_GOOD
    return answer


def _form(item: Item | None) -> str:
    unit = service.unit()
    known = service.read(queries.everything, shop_id=_shop_id())
    groups = options.as_data(item.options) if item else []
    told = {"item": item, "categories": queries.categories(known), "groups": groups, "unit": unit}
    tax_bp = item.tax_bp if item else known[-1].tax_bp if known else 0
    price = to_major(item.price_minor, unit) if item else ""
    return render_template("till/item.html", price=price, tax=fields.percent(tax_bp), **told)


def _fits(item: Item, looked_for: str) -> bool:
    texts = folded("\n".join((item.name, item.category, item.sku or "")))
    return all(word in texts for word in folded(looked_for).split())


def _shop_id() -> str:
    return service.at().shop.id
