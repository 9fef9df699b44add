"""The pages of a shop's people: the list, and one of them."""

from __future__ import annotations

from flask import render_template

from merchant import service, signed_in
from merchant.staff import members
from merchant.staff.members import KnownMember, NotYourRole
from merchant.staff.roles import Role, needs

doors = signed_in.pages("staff", "/people")


@doors.get("")
@needs(Role.MANAGER)
def people() -> str:
    """Everybody who may sign in at this shop."""
    found = service.read(members.of_shop, shop_id=service.at().shop.id)
    return render_template("till/people.html", people=found, roles=_roles_to_give())


@doors.get("/<id>")
@needs(Role.CASHIER)
def person(id: str) -> str:
    """One of them, and what may be done about them; a cashier sees nobody but themselves."""
    at = service.at()
    found = service.read(members.at_shop, id=id, shop_id=at.shop.id)
    is_mine = _is_mine(found)
    if not (at.is_manager or found.id == at.member.id):
        raise NotYourRole(role=Role.MANAGER.value)
    return render_template("till/person.html", person=found, roles=_roles_to_give(), is_mine=is_mine)


def _roles_to_give() -> list[Role]:
    """Which roles whoever is signed in may give: an owner every one, a manager the cashier's."""
    return list(Role) if service.at().is_owner else [Role.CASHIER]


def _is_mine(person: KnownMember) -> bool:
    """Whether whoever is signed in may decide about this person."""
    return service.at().is_owner or (service.at().is_manager and person.role is Role.CASHIER)
