"""The developer's own page: the ways to everything that a program at the shop's checkout needs."""

from __future__ import annotations

from flask import render_template

from merchant import signed_in
from merchant.staff.roles import Role, needs

doors = signed_in.pages("developer")


@doors.get("/developer")
@needs(Role.MANAGER)
def hub() -> str:
    """Rows that lead on."""
    return render_template("till/developer.html")
