"""Parking: a cart put aside under a name, for whoever at the shop takes it up again. It holds no stock and no price."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import insert

from merchant.activity import log
from merchant.register.actions import Stand
from merchant.register.models import ParkedRow
from merchant.staff import members
from shared import ids
from shared.db.unit import Reader, UnitOfWork
from shared.errors import Conflict, NotFound
from shared.identity import wording

MOST_PARKED, NAME_BYTES = 50, 40


class TooManyParked(Conflict):
    """A shop parks at most `most` carts."""

    code = "too_many_parked"


class UnknownParked(NotFound):
    """No such parked cart here: somebody took it up already."""

    code = "unknown_parked"


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked cart: `cart` as the register's page sent it, what it came to then, and who parked it when (ms)."""

    id: str
    name: str
    cart: dict[str, object]
    total_minor: int
    by: str
    created_at: int


def park(uow: UnitOfWork, *, at: Stand, name: str, cart: dict[str, object], total_minor: int) -> str:
    """Put a cart aside; its id. Without a name it gets none."""
    [(count,)] = uow.sql.rows("SELECT count(*) FROM register_parked WHERE shop_id = :shop", shop=at.shop_id)
    if count >= MOST_PARKED:
        raise TooManyParked(most=MOST_PARKED)
    id, fitted = ids.new_id("prk", uow.now), wording.fitted(name, NAME_BYTES)
    uow.execute(
        insert(ParkedRow).values(
            id=id,
            shop_id=at.shop_id,
            name=fitted,
            cart=json.dumps(cart, ensure_ascii=False),
            total_minor=total_minor,
            member_id=at.member_id,
            created_at=uow.now,
        )
    )
    _note(uow, at, "cart.parked", id, fitted, total_minor)
    return id


def take_up(uow: UnitOfWork, *, at: Stand, id: str) -> dict[str, object]:
    """Give a parked cart back to a register, once: whoever comes second finds it gone (`unknown_parked`)."""
    return _taken(uow, at, id, "cart.taken_up")


def throw_away(uow: UnitOfWork, *, at: Stand, id: str) -> None:
    """Forget a parked cart."""
    _taken(uow, at, id, "cart.thrown_away")


def of_shop(reader: Reader, *, shop_id: str) -> list[Parked]:
    """What a shop has parked, the oldest first."""
    rows = reader.sql.rows(
        "SELECT id, name, cart, total_minor, member_id, created_at FROM register_parked WHERE shop_id = :shop"
        " ORDER BY created_at, id",
        shop=shop_id,
    )
    names = members.names_of(reader, ids=[row[4] for row in rows if row[4]])
    return [Parked(row[0], row[1], json.loads(row[2]), row[3], names.get(row[4], ""), row[5]) for row in rows]


def _taken(uow: UnitOfWork, at: Stand, id: str, what: str) -> dict[str, object]:
    rows = uow.sql.rows(
        "DELETE FROM register_parked WHERE id = :id AND shop_id = :shop RETURNING name, cart, total_minor",
        id=id,
        shop=at.shop_id,
    )
    if not rows:
        raise UnknownParked()
    _note(uow, at, what, id, rows[0][0], rows[0][2])
    cart: dict[str, object] = json.loads(rows[0][1])
    return cart


def _note(uow: UnitOfWork, at: Stand, what: str, id: str, name: str, total_minor: int) -> None:
    log.note(
        uow,
        shop_id=at.shop_id,
        member_id=at.member_id,
        terminal_id=at.terminal_id,
        what=what,
        subject=id,
        details={"name": name, "total_minor": total_minor},
    )
