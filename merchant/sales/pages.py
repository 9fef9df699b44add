"""The pages of what was sold: the list and its search, one sale, its refund, the scanner for receipts, the file."""

from __future__ import annotations

from datetime import tzinfo
from urllib.parse import unquote

from flask import Response, g, render_template, request
from markupsafe import Markup

from merchant import service, signed_in
from merchant.receipts import links
from merchant.sales import finding, history, table
from merchant.sales import wanted as wanting
from merchant.sales.giving import NothingToRefund
from merchant.sales.wanted import Wanted
from merchant.staff import members
from merchant.staff.roles import Role, needs
from shared.codes import render
from shared.disputes import queries as disputes
from shared.web import months

doors = signed_in.pages("sales")


@doors.get("/sales")
@needs(Role.CASHIER)
def sale_list() -> str:
    """The sales that are wanted, newest first, a page at a time, and what they add up to."""
    wanted, shop_id = _wanted(), service.at().shop.id
    page = service.read(finding.found, shop_id=shop_id, wanted=wanted, before=request.args.get("before"))
    sums = service.read(finding.sums, shop_id=shop_id, wanted=wanted)
    people = service.read(members.of_shop, shop_id=shop_id)
    shown = {"page": page, "sums": sums, "wanted": wanted, "people": people, "states": wanting.WHICH}
    return render_template("till/sales.html", is_first="before" not in request.args, zone=str(_zone()), **shown)


@doors.get("/sales/rows")
@needs(Role.CASHIER)
def sale_rows() -> str:
    """The first page's rows and their sums alone, for the open list to take in."""
    wanted, shop_id = _wanted(), service.at().shop.id
    page = service.read(finding.found, shop_id=shop_id, wanted=wanted)
    sums = service.read(finding.sums, shop_id=shop_id, wanted=wanted)
    return render_template("till/sale_rows.html", page=page, fresh_sums=sums)


@doors.get("/sales.csv")
@needs(Role.MANAGER)
def sale_file() -> Response:
    """All sales that are wanted, as a file for a spreadsheet."""
    rows = finding.everything(service.store(), shop_id=service.at().shop.id, wanted=_wanted())
    response = Response(table.lines(rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="sales.csv"'
    return response


@doors.get("/sales/<id>")
@needs(Role.CASHIER)
def sale(id: str) -> str:
    """What was sold, and what happened to it."""
    told = service.read(history.of_shop, id=id, shop_id=service.at().shop.id)
    intent = told.found.sale.intent
    path = links.path(id, service.secret())
    link = f"{service.config().merchant_url}/{path}"
    drawing = Markup(render.qr_svg(link, label=g.say("receipt.link_code"))) if intent.captured_minor else None
    shown = {"path": path, "drawing": drawing, "complaints": service.read(disputes.of_intent, intent_id=intent.id)}
    return render_template("till/sale.html", told=told, found=told.found, **shown)


@doors.get("/sales/<id>/refund")
@needs(Role.MANAGER)
def refund(id: str) -> str:
    """Give money back: all, an amount, or the price of what comes back."""
    told = service.read(history.of_shop, id=id, shop_id=service.at().shop.id)
    if not told.left_minor:
        raise NothingToRefund()
    return render_template("till/refund.html", told=told, found=told.found)


@doors.get("/refund")
@needs(Role.MANAGER)
def scan() -> str:
    """Find the sale to refund by the customer's receipt: camera, photo, a scanner that types, or its number."""
    return render_template("till/receipt_scan.html")


def _wanted() -> Wanted:
    text, which, day, member = (request.args.get(name, "") for name in ("q", "which", "day", "member"))
    return wanting.wanted(text=text, which=which, day=day, member=member, unit=service.unit(), zone=_zone())


def _zone() -> tzinfo:
    return months.zone_named(unquote(request.cookies.get(months.COOKIE, "")))
