"""Shops of one owner are put together, taken apart, and gone to from each other."""

from __future__ import annotations

from merchant.activity import log
from merchant.groups import queries
from merchant.staff import members, signing_in
from merchant.staff.members import KnownMember, NotYourRole, Role
from shared import ids
from shared.db.unit import UnitOfWork
from shared.errors import Conflict
from shared.identity.parties import UnknownParty
from shared.web import sessions
from shared.web.sessions import Session

MOST = 50


class GroupedAlready(Conflict):
    """A shop is in one group at most, under one owner."""

    code = "grouped_already"


class GroupFull(Conflict):
    """A group has room for `most` shops."""

    code = "group_full"


def join(uow: UnitOfWork, *, founder: KnownMember, owner: KnownMember) -> None:
    """Put the shop of `owner` into the group of `founder`'s shop, which is made of that shop if there is none.

    Both are the same person as far as this house can know: they own both shops and know both PINs.
    """
    for member in (founder, owner):
        known = members.by_id(uow, id=member.id)
        if known is None or known.role is not Role.OWNER:
            raise NotYourRole(role=Role.OWNER.value)
    mine = queries.place_of(uow, shop_id=founder.shop_id)
    theirs = queries.place_of(uow, shop_id=owner.shop_id)
    if theirs is not None or (mine is not None and mine.member_id != founder.id) or founder.shop_id == owner.shop_id:
        raise GroupedAlready()
    if mine is None:
        group_id = ids.new_id("grp", uow.now)
        uow.sql.run("INSERT INTO groups_group (id, created_at) VALUES (:id, :now)", id=group_id, now=uow.now)
        _place(uow, group_id, founder)
    else:
        group_id = mine.group_id
        if len(queries.places(uow, group_id=group_id)) >= MOST:
            raise GroupFull(most=MOST)
    _place(uow, group_id, owner)


def leave(uow: UnitOfWork, *, by: KnownMember, shop_id: str) -> None:
    """Take one of the group's shops out of it; the shop itself stays as it is."""
    if shop_id not in {place.shop_id for place in queries.reachable(uow, member=by)}:
        raise UnknownParty()
    uow.sql.run("DELETE FROM groups_place WHERE shop_id = :shop", shop=shop_id)
    _note(uow, shop_id, None, "shop.left_group")


def enter(uow: UnitOfWork, *, session: Session, by: KnownMember, shop_id: str, token: str) -> None:
    """Go from one shop of a group to another: the session of this one ends, one of that one begins under `token`."""
    found = [place for place in queries.reachable(uow, member=by) if place.shop_id == shop_id]
    there = members.by_id(uow, id=found[0].member_id) if found else None
    if there is None:
        raise UnknownParty()
    sessions.end(uow, token_hash=session.token_hash)
    signing_in.start_session(uow, token=token, member=there)


def _place(uow: UnitOfWork, group_id: str, owner: KnownMember) -> None:
    """Give a shop its place; one that somebody left behind who does not own the shop any more makes room for it."""
    uow.sql.run(
        "INSERT INTO groups_place (shop_id, group_id, member_id, joined_at) VALUES (:shop, :group, :member, :now)"
        " ON CONFLICT (shop_id) DO UPDATE SET group_id = :group, member_id = :member, joined_at = :now",
        shop=owner.shop_id,
        group=group_id,
        member=owner.id,
        now=uow.now,
    )
    _note(uow, owner.shop_id, owner.id, "shop.joined_group")


def _note(uow: UnitOfWork, shop_id: str, member_id: str | None, what: str) -> None:
    log.note(uow, shop_id=shop_id, member_id=member_id, terminal_id=None, what=what)
