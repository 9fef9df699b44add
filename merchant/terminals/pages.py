"""The page of a shop's tills."""

from __future__ import annotations

from flask import render_template

from merchant import service, signed_in
from merchant.shifts import queries as shifts
from merchant.staff.roles import Role, needs
from merchant.terminals import actions, queries
from shared.db.unit import Reader

doors = signed_in.pages("terminals", "/terminals")


@doors.get("")
@needs(Role.MANAGER)
def terminals() -> str:
    """The tills that charge, the one that this browser is, and those that were revoked."""
    found = service.read(_tills, shop_id=service.at().shop.id)
    return render_template("till/terminals.html", longest_name=actions.LONGEST_NAME, **found)


def _tills(reader: Reader, *, shop_id: str) -> dict[str, object]:
    found = queries.of_shop(reader, shop_id=shop_id)
    on_shift = {shift.terminal_id for shift in shifts.open_of_shop(reader, shop_id=shop_id)}
    return {
        "good": [terminal for terminal in found if terminal.revoked_at is None],
        "revoked": [terminal for terminal in reversed(found) if terminal.revoked_at is not None][:20],
        "on_shift": on_shift,
    }
