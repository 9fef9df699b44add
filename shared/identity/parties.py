"""Parties: made once, found by id or handle."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from shared import ids
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput, Conflict, NotAllowed, NotFound
from shared.identity import names
from shared.identity.models import Party

_HANDLE = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?\Z", re.ASCII)
_PREFIX = {"user": "usr", "shop": "shp", "operator": "opr"}
_COLUMNS = "id, kind, handle, display_name, verified_at, frozen_at, self_frozen_at"


class UnknownParty(NotFound):
    """Nobody here goes by this id or handle."""

    code = "unknown_party"


class HandleTaken(Conflict):
    """Somebody else has this handle."""

    code = "handle_taken"


class BadHandle(BadInput):
    """A handle is 1 to 32 of a-z, 0-9, dot, dash and underscore, and starts and ends with a letter or digit."""

    code = "bad_handle"


class PartyFrozen(NotAllowed):
    """The party is frozen: it neither pays nor is paid."""

    code = "party_frozen"


class SelfFrozen(NotAllowed):
    """The person has frozen their own wallet: nothing goes out of it until they lift that."""

    code = "self_frozen"


@dataclass(frozen=True, slots=True)
class Known:
    """A party as others may see it."""

    id: str
    kind: str
    handle: str
    display_name: str
    verified_at: int | None
    frozen_at: int | None
    self_frozen_at: int | None = None


def check_handle(handle: object) -> str:
    """`handle` itself when it can be one; `BadHandle` otherwise."""
    if not (isinstance(handle, str) and _HANDLE.match(handle)):
        raise BadHandle()
    return handle


def create_party(uow: UnitOfWork, *, kind: str, handle: str, display_name: str, is_verified: bool = False) -> Known:
    """Register a party of kind `user`, `shop` or `operator`."""
    check_handle(handle)
    if uow.first(select(Party.id).where(Party.handle == handle)):
        raise HandleTaken(handle=handle)
    row = Known(
        id=ids.new_id(_PREFIX[kind], uow.now),
        kind=kind,
        handle=handle,
        display_name=names.check_name(display_name),
        verified_at=uow.now if is_verified else None,
        frozen_at=None,
    )
    uow.execute(insert(Party).values(created_at=uow.now, **{name: getattr(row, name) for name in Known.__slots__}))
    return row


def freeze(uow: UnitOfWork, *, party_id: str, is_frozen: bool) -> None:
    """Stop a party from paying and being paid, or let it again."""
    uow.execute(update(Party).where(Party.id == party_id).values(frozen_at=uow.now if is_frozen else None))


def verify(uow: UnitOfWork, *, party_id: str, is_verified: bool) -> None:
    """Say that the operator has checked who this is, or take that back; said again, the first time stays."""
    mine = Party.id == party_id
    if is_verified:
        mine &= Party.verified_at.is_(None)
    uow.execute(update(Party).where(mine).values(verified_at=uow.now if is_verified else None))


def freeze_self(uow: UnitOfWork, *, party_id: str, is_frozen: bool) -> None:
    """Stop a person's own outgoing money, or let it go again; an operator's freeze is another thing and stays."""
    mine = (Party.id == party_id) & (Party.kind == "user")
    if is_frozen:  # frozen again, it keeps the time of the first
        mine &= Party.self_frozen_at.is_(None)
    uow.execute(update(Party).where(mine).values(self_frozen_at=uow.now if is_frozen else None))


def by_ids(reader: Reader, *, ids: Iterable[str]) -> dict[str, Known]:
    """Those of the parties that exist, by id."""
    rows = reader.sql.rows(f"SELECT {_COLUMNS} FROM identity_party WHERE id IN :ids", ids=sorted(set(ids)))
    return {row[0]: Known(*row) for row in rows}


def by_id(reader: Reader, *, id: str) -> Known:
    """One party by id; `UnknownParty` otherwise."""
    found = by_ids(reader, ids=[id])
    if id not in found:
        raise UnknownParty()
    return found[id]


def by_handles(reader: Reader, *, handles: Iterable[str]) -> dict[str, Known]:
    """Those of the parties that exist, by handle."""
    rows = reader.sql.rows(
        f"SELECT {_COLUMNS} FROM identity_party WHERE handle IN :handles", handles=sorted(set(handles))
    )
    return {row[2]: Known(*row) for row in rows}


def by_handle(reader: Reader, *, handle: str) -> Known:
    """One party by handle; `UnknownParty` otherwise."""
    found = by_handles(reader, handles=[handle])
    if handle not in found:
        raise UnknownParty()
    return found[handle]


def free_handle(reader: Reader, *, display_name: str, suffix: str) -> str:
    """A handle made of a name, with a suffix when the bare one is taken: `ana`, or `ana-4821`."""
    base = names.slug(display_name) or "user"
    taken = by_handles(reader, handles=[base])
    return f"{base}-{suffix}" if taken or base == "user" else base
