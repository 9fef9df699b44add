"""The pages of shifts: the one at this till, one of them with its report, and all Z reports."""

from __future__ import annotations

from flask import render_template, request

from merchant import service, signed_in
from merchant.shifts import actions, queries, reports
from merchant.shifts.queries import Shift
from merchant.staff import members
from merchant.staff.roles import Role, needs
from merchant.terminals import queries as terminals
from shared.db.unit import Reader

doors = signed_in.pages("shifts")
PAGE = 30


@doors.get("/shift")
@needs(Role.CASHIER)
def this_shift() -> str:
    """The shift at this till with its X report; the way to open one where none is open."""
    return _page(service.at().shift)


@doors.get("/shifts")
@needs(Role.MANAGER)
def all_shifts() -> str:
    """The shop's Z reports, newest first, below the shifts that are open."""
    before = request.args.get("before", type=int)
    found = service.read(_list, shop_id=service.at().shop.id, before=before)
    return render_template("till/shifts.html", is_first=before is None, **found)


@doors.get("/shifts/<id>")
@needs(Role.CASHIER)
def one_shift(id: str) -> str:
    """One shift: its X report while it is open, then its Z report. A cashier sees those of this till."""
    at = service.at()
    shift = service.read(queries.of_shop, id=id, shop_id=at.shop.id)
    actions.check_sight(at, shift)
    return _page(shift)


def _page(shift: Shift | None) -> str:
    found = service.read(_with_report, shift=shift) if shift else {}
    return render_template("till/shift.html", shift=shift, **found)


def _with_report(reader: Reader, *, shift: Shift) -> dict[str, object]:
    """A shift's report: as it was closed, or as it would be closed now; and who opened and closed it where."""
    if shift.report is not None:
        report = reports.from_text(shift.report)
    else:
        report = reports.of_shift(reader, shift=shift, until_seq=queries.last_transfer(reader))
    names = members.names_of(reader, ids=[id for id in (shift.opened_by, shift.closed_by) if id])
    terminal = terminals.at_shop(reader, id=shift.terminal_id, shop_id=shift.shop_id)
    moves = queries.cash_moves(reader, shift_id=shift.id)
    return {"report": report, "names": names, "terminal": terminal, "moves": moves}


def _list(reader: Reader, *, shop_id: str, before: int | None) -> dict[str, object]:
    found = queries.closed_of_shop(reader, shop_id=shop_id, before=before, limit=PAGE + 1)
    shown = found[:PAGE]
    return {
        "closed": [(shift, reports.from_text(shift.report or "")) for shift in shown],
        "older": shown[-1].number if len(found) > PAGE else None,
        "open": queries.open_of_shop(reader, shop_id=shop_id) if before is None else [],
        "tills": {terminal.id: terminal.name for terminal in terminals.of_shop(reader, shop_id=shop_id)},
        "names": members.names_of(reader, ids=[shift.closed_by for shift in shown if shift.closed_by]),
    }
