"""The doors that the items' pages call: add, edit, archive, bring back, a picture, a sheet. Fields come as typed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from merchant import service
from merchant.catalog import actions, fields, pictures, queries, spreadsheet
from merchant.catalog.actions import By
from merchant.catalog.fields import Fields
from merchant.catalog.queries import Item
from merchant.catalog.spreadsheet import Fault, Plan
from merchant.staff.roles import Role, needs
from shared.errors import BadInput
from shared.web import body, problems
from shared.web.body import Body

doors = Blueprint("catalog", __name__, url_prefix="/api/items")
SHOWN_FAULTS = 20


@doors.post("")
@needs(Role.MANAGER)
def add() -> tuple[Response, int]:
    """Put an item on sale."""
    made = service.run(actions.add_item, shop_id=_shop_id(), item=_fields(body.read()), by=_by())
    return _answer(made), 201


@doors.post("/<id>")
@needs(Role.MANAGER)
def edit(id: str) -> Response:
    """Change an item, as it was at `version`."""
    given = body.read()
    version, stock_was = given.integer("version"), given.optional_integer("stock_was")
    wanted = {"shop_id": _shop_id(), "id": id, "version": version, "item": _fields(given), "stock_was": stock_was}
    return _answer(service.run(actions.edit_item, **wanted, by=_by()))


@doors.post("/<id>/archive")
@needs(Role.MANAGER)
def archive(id: str) -> Response:
    """Take an item off the till."""
    version = body.read().only("version").integer("version")
    return _answer(service.run(actions.archive_item, shop_id=_shop_id(), id=id, version=version, by=_by()))


@doors.post("/<id>/restore")
@needs(Role.MANAGER)
def restore(id: str) -> Response:
    """Put an archived item back on sale."""
    version = body.read().only("version").integer("version")
    return _answer(service.run(actions.restore_item, shop_id=_shop_id(), id=id, version=version, by=_by()))


@doors.post("/pictures")
@needs(Role.MANAGER)
def picture() -> tuple[Response, int]:
    """Keep a picture, sent as it is, for the item that will name it."""
    if (request.content_length or 0) > pictures.MAX_BYTES:
        raise pictures.PictureTooLarge(field="picture")
    content = pictures.squared(request.get_data())
    hash = service.run(actions.keep_picture, shop_id=_shop_id(), content=content)
    return jsonify({"picture": hash, "address": service.home(f"pictures/{hash}.webp")}), 201


@doors.post("/sheet/check")
@needs(Role.MANAGER)
def check_sheet() -> Response:
    """What a sheet, sent as it is, would do."""
    rows = spreadsheet.read(request.get_data())
    items = service.read(queries.everything, shop_id=_shop_id())
    return _planned(spreadsheet.plan(rows, items, service.unit()))


@doors.post("/sheet")
@needs(Role.MANAGER)
def carry_out_sheet() -> Response:
    """Carry out a sheet, all of it or nothing."""
    rows = spreadsheet.read(request.get_data())
    done = service.run(actions.import_items, shop_id=_shop_id(), rows=rows, unit=service.unit(), by=_by())
    return _planned(done)


def _fields(given: Body) -> Fields:
    unit = service.unit()
    return Fields(
        name=fields.name_of(given.text("name")),
        price_minor=fields.price_of(given.text("price"), unit),
        category=fields.category_of(given.optional_text("category") or ""),
        tax_bp=fields.tax_of(given.optional_text("tax") or ""),
        sku=fields.sku_of(given.optional_text("sku") or ""),
        stock=fields.stock_of(given.optional_text("stock") or ""),
        options=fields.groups_of(_options(given), unit),
        picture=given.optional_text("picture", longest=64) or None,
    )


def _options(given: Body) -> list[dict[str, object]]:
    groups = given.as_dict().get("options") or []
    if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
        raise BadInput(field="options")
    return groups


def _answer(item: Item) -> Response:
    return jsonify({"id": item.id, "version": item.version, "archived": item.archived_at is not None})


def _planned(plan: Plan) -> Response:
    counts = {"added": len(plan.added), "changed": len(plan.changed), "same": len(plan.same)}
    shown = [_fault(fault) for fault in plan.faults[:SHOWN_FAULTS]]
    return jsonify(counts | {"faults": len(plan.faults), "first_faults": shown})


def _fault(fault: Fault) -> dict[str, Any]:
    return {"line": fault.line, "code": fault.why.code, "detail": problems.sentence(fault.why)}


def _shop_id() -> str:
    return service.at().shop.id


def _by() -> By:
    at = service.at()
    return By(at.member.id, at.terminal.id)
