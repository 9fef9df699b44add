"""The shop's own page: the ways to its items, its people, its tills, and everything else that is not selling."""

from __future__ import annotations

from flask import render_template

from merchant import service, signed_in
from merchant.staff.roles import Role, needs
from shared.disputes import queries as disputes

doors = signed_in.pages("shop")


@doors.get("/shop")
@needs(Role.CASHIER)
def hub() -> str:
    """Rows that lead on; a cashier sees those that open for one."""
    at = service.at()
    complaints = service.read(disputes.count_waiting, shop_id=at.shop.id) if at.is_manager else 0
    return render_template("till/shop.html", shift=at.shift, complaints=complaints)
