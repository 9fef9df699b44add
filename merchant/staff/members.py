"""The people of a shop: cashiers, managers, owners. Who is added, made something else, given a PIN, or let go."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import insert, update

from merchant.staff.models import StaffMember
from shared import ids
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput, Conflict, NotAllowed, NotFound
from shared.identity import names
from shared.web import sessions
from shared.web.hashing import HASHER

_PIN = re.compile(r"[0-9]{6}\Z", re.ASCII)
_COLUMNS = "id, shop_id, name, role"


class Role(StrEnum):
    """What somebody is at a shop. A higher role may all that a lower one may."""

    CASHIER = "cashier"
    MANAGER = "manager"
    OWNER = "owner"

    @property
    def rank(self) -> int:
        """Its height: 0 for a cashier."""
        return list(Role).index(self)

    def covers(self, other: Role) -> bool:
        """Whether whoever has this role may do what the other one may."""
        return self.rank >= other.rank


class NotYourRole(NotAllowed):
    """Whoever is signed in may not do this; `role` is the lowest that may."""

    code = "not_your_role"


class BadCashierPin(BadInput):
    """A PIN of the till is six digits."""

    code = "bad_cashier_pin"


class UnknownMember(NotFound):
    """Nobody of this shop goes by this id, or not any more."""

    code = "unknown_member"


class NameAtShopTaken(Conflict):
    """Two people of a shop cannot have one name: it is what they sign in with."""

    code = "member_name_taken"


class LastOwner(Conflict):
    """A shop keeps at least one owner."""

    code = "last_owner"


@dataclass(frozen=True, slots=True)
class KnownMember:
    """Somebody who may sign in at a shop's till."""

    id: str
    shop_id: str
    name: str
    role: Role


def hashed(pin: str) -> str:
    """The argon2id hash of a well-formed PIN. Takes tens of milliseconds: never inside an action."""
    if not (isinstance(pin, str) and _PIN.match(pin)):
        raise BadCashierPin()
    return HASHER.hash(pin)


def role_named(text: str) -> Role:
    """The role of this name; `bad_input` for others."""
    if text not in list(Role):
        raise BadInput(field="role")
    return Role(text)


def add(uow: UnitOfWork, *, shop_id: str, name: str, pin_hash: str, role: Role = Role.CASHIER) -> KnownMember:
    """Let somebody sign in at a shop's till; `member_name_taken` when the name sounds like another's."""
    member = KnownMember(ids.new_id("mbr", uow.now), shop_id, names.check_name(name), role)
    if any(folded(known.name) == folded(member.name) for known in of_shop(uow, shop_id=shop_id)):
        raise NameAtShopTaken()
    uow.execute(
        insert(StaffMember).values(
            id=member.id, shop_id=shop_id, name=member.name, role=role.value, pin_hash=pin_hash, created_at=uow.now
        )
    )
    return member


def set_pin(uow: UnitOfWork, *, member_id: str, pin_hash: str) -> None:
    """Give somebody another PIN."""
    uow.execute(update(StaffMember).where(StaffMember.id == member_id).values(pin_hash=pin_hash))


def set_role(uow: UnitOfWork, *, member: KnownMember, role: Role) -> None:
    """Make somebody something else; `last_owner` when nobody would own the shop then."""
    _keep_an_owner(uow, member, role)
    uow.execute(update(StaffMember).where(StaffMember.id == member.id).values(role=role.value))


def remove(uow: UnitOfWork, *, member: KnownMember) -> None:
    """Let somebody go: they are signed out everywhere and cannot come back. What they did stays in the log."""
    _keep_an_owner(uow, member, None)
    uow.execute(update(StaffMember).where(StaffMember.id == member.id).values(removed_at=uow.now))
    sessions.end_of_holder(uow, party_id=member.shop_id, holder=member.id)


def of_shop(reader: Reader, *, shop_id: str) -> list[KnownMember]:
    """A shop's people: owners, managers, cashiers; of each the first one first."""
    rows = reader.sql.rows(
        f"SELECT {_COLUMNS} FROM staff_member WHERE shop_id = :shop AND removed_at IS NULL ORDER BY created_at, id",
        shop=shop_id,
    )
    return sorted((_member(row) for row in rows), key=lambda member: -member.role.rank)


def by_id(reader: Reader, *, id: str) -> KnownMember | None:
    """One of a shop's people, or None when they are gone."""
    rows = reader.sql.rows(f"SELECT {_COLUMNS} FROM staff_member WHERE id = :id AND removed_at IS NULL", id=id)
    return _member(rows[0]) if rows else None


def at_shop(reader: Reader, *, id: str, shop_id: str) -> KnownMember:
    """One of this shop's people; another shop's do not exist for it (`unknown_member`)."""
    found = by_id(reader, id=id)
    if found is None or found.shop_id != shop_id:
        raise UnknownMember()
    return found


def names_of(reader: Reader, *, ids: Iterable[str]) -> dict[str, str]:
    """The names behind some ids, of those too who have left."""
    rows = reader.sql.rows("SELECT id, name FROM staff_member WHERE id IN :ids", ids=sorted(set(ids)))
    return dict(rows)


def folded(text: str, longest: int = names.LONGEST_NAME) -> str:
    """What somebody typed, so that capitals and stray spaces do not lock them out."""
    return unicodedata.normalize("NFC", " ".join(text.replace("\0", "").split())).casefold()[:longest]


def _keep_an_owner(uow: UnitOfWork, member: KnownMember, becomes: Role | None) -> None:
    owners = [known.id for known in of_shop(uow, shop_id=member.shop_id) if known.role is Role.OWNER]
    if owners == [member.id] and becomes is not Role.OWNER:
        raise LastOwner()


def _member(row: tuple) -> KnownMember:  # type: ignore[type-arg]
    id, shop_id, name, role = row
    return KnownMember(id, shop_id, name, Role(role))
