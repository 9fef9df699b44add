"""What a manager or an owner does about the people of a shop; each deed stands in the log.

An owner may do everything. A manager takes care of cashiers, and of nobody else.
"""

from __future__ import annotations

from merchant.activity import log
from merchant.staff import members
from merchant.staff.members import KnownMember, NotYourRole, Role
from merchant.standing import At
from shared.db.unit import UnitOfWork
from shared.web import sessions


def hire(uow: UnitOfWork, *, at: At, name: str, role: Role, pin_hash: str) -> KnownMember:
    """Let somebody sign in, as a cashier or more."""
    _check(uow, at, role)
    member = members.add(uow, shop_id=at.shop.id, name=name, pin_hash=pin_hash, role=role)
    _note(uow, at, member, "member.added")
    return member


def assign(uow: UnitOfWork, *, at: At, member_id: str, role: Role) -> None:
    """Make somebody something else; what they may do changes with their next tap."""
    member = members.at_shop(uow, id=member_id, shop_id=at.shop.id)
    if member.role is role:
        return
    _check(uow, at, max(member.role, role, key=lambda known: known.rank))
    members.set_role(uow, member=member, role=role)
    _note(uow, at, KnownMember(member.id, member.shop_id, member.name, role), "member.assigned")


def give_pin(uow: UnitOfWork, *, at: At, member_id: str, pin_hash: str) -> None:
    """Give somebody another PIN, which signs them out. Anybody may change their own, and stays."""
    member = members.at_shop(uow, id=member_id, shop_id=at.shop.id)
    if member.id != at.member.id:
        _check(uow, at, member.role)
    members.set_pin(uow, member_id=member.id, pin_hash=pin_hash)
    if member.id != at.member.id:
        sessions.end_of_holder(uow, party_id=member.shop_id, holder=member.id)
    _note(uow, at, member, "member.given_pin")


def dismiss(uow: UnitOfWork, *, at: At, member_id: str) -> None:
    """Let somebody go: they are signed out at once. Their name stays in the log and in the reports."""
    member = members.at_shop(uow, id=member_id, shop_id=at.shop.id)
    _check(uow, at, member.role)
    members.remove(uow, member=member)
    _note(uow, at, member, "member.removed")


def _check(uow: UnitOfWork, at: At, role: Role) -> None:
    """Whether whoever acts may still decide about somebody of this role."""
    actor = members.at_shop(uow, id=at.member.id, shop_id=at.shop.id)
    if actor.role is not Role.OWNER and not (actor.role is Role.MANAGER and role is Role.CASHIER):
        raise NotYourRole(role=Role.OWNER.value)


def _note(uow: UnitOfWork, at: At, member: KnownMember, what: str) -> None:
    log.note(
        uow,
        shop_id=at.shop.id,
        member_id=at.member.id,
        terminal_id=at.terminal.id,
        what=what,
        subject=member.id,
        details={"name": member.name, "role": member.role.value},
    )
