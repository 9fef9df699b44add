"""Who stands here: the shop, the member, the terminal and the shift of a session at a till."""

from __future__ import annotations

from dataclasses import dataclass

from merchant.shifts import queries as shifts
from merchant.shifts.queries import Shift
from merchant.staff import members
from merchant.staff.members import KnownMember, Role
from merchant.terminals import queries as terminals
from merchant.terminals.queries import Terminal
from shared.db.unit import Reader
from shared.identity import parties
from shared.web.sessions import NotSignedIn, Session


@dataclass(frozen=True, slots=True)
class At:
    """Who stands at which till, and in which shift; without an open one the till cannot charge."""

    shop: parties.Known
    member: KnownMember
    terminal: Terminal
    shift: Shift | None

    @property
    def role(self) -> Role:
        """What the member is at the shop."""
        return self.member.role

    @property
    def is_manager(self) -> bool:
        """Whether the member may do what a manager may."""
        return self.role.covers(Role.MANAGER)

    @property
    def is_owner(self) -> bool:
        """Whether the member owns the shop."""
        return self.role is Role.OWNER


def find(reader: Reader, *, session: Session, token: str) -> At:
    """Who stands where, by a session and by the token of its browser; `not_signed_in` when the member is gone."""
    member = members.by_id(reader, id=session.holder)
    if member is None or member.shop_id != session.party_id:
        raise NotSignedIn()
    terminal = terminals.of_browser(reader, shop_id=member.shop_id, token=token)
    shift = shifts.open_at(reader, terminal_id=terminal.id)
    return At(parties.by_id(reader, id=member.shop_id), member, terminal, shift)
