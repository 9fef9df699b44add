"""Making friends: a scanned card pins a key and asks; the other accepts, declines, or scans back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from shared import events
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput, NotFound
from shared.identity import names, parties
from shared.identity.models import Party
from wallet.contacts.models import Contact


class OwnCard(BadInput):
    """Somebody scanned their own card."""

    code = "own_card"


class NotAContact(NotFound):
    """This person is not in the list."""

    code = "not_a_contact"


@dataclass(frozen=True, slots=True)
class Friend:
    """A row of somebody's contact list."""

    party_id: str
    handle: str
    display_name: str
    alias: str
    state: str
    pinned_kid: str

    @property
    def shown_name(self) -> str:
        """The name that the owner gave, or else the registry's."""
        return self.alias or self.display_name


def add(uow: UnitOfWork, *, owner_id: str, handle: str, kid: str) -> Friend:
    """Put the owner of a scanned card in the list and ask them; when they had asked first, both are friends now."""
    other = parties.by_handle(uow, handle=handle)
    if other.id == owner_id:
        raise OwnCard()
    if other.kind != "user":
        raise parties.UnknownParty()
    theirs = _state(uow, owner_id=other.id, party_id=owner_id)
    state = "accepted" if theirs in ("requested", "accepted") else "requested"
    _put(uow, owner_id=owner_id, party_id=other.id, state=state, kid=kid)
    if state == "accepted":
        _put(uow, owner_id=other.id, party_id=owner_id, state="accepted")
    elif theirs is None:
        _put(uow, owner_id=other.id, party_id=owner_id, state="incoming")
    _tell(uow, "contact.accepted" if state == "accepted" else "contact.requested", owner_id, other.id)
    return friend(uow, owner_id=owner_id, handle=handle)


def accept(uow: UnitOfWork, *, owner_id: str, handle: str) -> Friend:
    """Say yes to somebody who asked; saying it again changes nothing."""
    asked = friend(uow, owner_id=owner_id, handle=handle)
    if asked.state == "incoming":
        _put(uow, owner_id=owner_id, party_id=asked.party_id, state="accepted")
        _put(uow, owner_id=asked.party_id, party_id=owner_id, state="accepted")
        _tell(uow, "contact.accepted", owner_id, asked.party_id)
    return friend(uow, owner_id=owner_id, handle=handle)


def remove(uow: UnitOfWork, *, owner_id: str, handle: str) -> None:
    """Take somebody off the list, decline their request, or take one's own request back. They are not told."""
    known = friend(uow, owner_id=owner_id, handle=handle)
    uow.execute(delete(Contact).where(Contact.owner_id == owner_id, Contact.party_id == known.party_id))
    unanswered = (Contact.owner_id == known.party_id) & (Contact.party_id == owner_id) & (Contact.state == "incoming")
    uow.execute(delete(Contact).where(unanswered))


def rename(uow: UnitOfWork, *, owner_id: str, handle: str, alias: object) -> Friend:
    """Give a contact a name of one's own; an empty one takes it back."""
    known = friend(uow, owner_id=owner_id, handle=handle)
    given = names.check_name(alias) if alias else ""
    mine = (Contact.owner_id == owner_id) & (Contact.party_id == known.party_id)
    uow.execute(update(Contact).where(mine).values(alias=given))
    return friend(uow, owner_id=owner_id, handle=handle)


def list_of(reader: Reader, *, owner_id: str) -> list[Friend]:
    """Somebody's contacts, requests that wait for them first, then by name."""
    rows = [_friend(row) for row in reader.all(_select(owner_id))]
    return sorted(rows, key=lambda row: (row.state != "incoming", row.shown_name.casefold()))


def friend(reader: Reader, *, owner_id: str, handle: str) -> Friend:
    """One contact; `not_a_contact` otherwise."""
    row = reader.first(_select(owner_id).where(Party.handle == handle))
    if row is None:
        raise NotAContact()
    return _friend(row)


def _friend(row: Row[Any]) -> Friend:
    return Friend(**row._mapping)


def _select(owner_id: str):  # type: ignore[no-untyped-def]
    return (
        select(Contact.party_id, Party.handle, Party.display_name, Contact.alias, Contact.state, Contact.pinned_kid)
        .join(Party, Party.id == Contact.party_id)
        .where(Contact.owner_id == owner_id)
    )


def _state(reader: Reader, *, owner_id: str, party_id: str) -> str | None:
    row = reader.first(select(Contact.state).where(Contact.owner_id == owner_id, Contact.party_id == party_id))
    return str(row.state) if row else None


def _put(uow: UnitOfWork, *, owner_id: str, party_id: str, state: str, kid: str = "") -> None:
    mine = (Contact.owner_id == owner_id) & (Contact.party_id == party_id)
    changes = {"state": state} | ({"pinned_kid": kid} if kid else {})
    if not uow.execute(update(Contact).where(mine).values(**changes)):
        uow.execute(
            insert(Contact).values(
                owner_id=owner_id, party_id=party_id, state=state, alias="", pinned_kid=kid, created_at=uow.now
            )
        )


def _tell(uow: UnitOfWork, name: str, by_id: str, to_id: str) -> None:
    by = parties.by_id(uow, id=by_id)
    topics = [events.party_topic(by_id), events.party_topic(to_id)]
    uow.emit(name, topics, by=by.display_name, by_handle=by.handle)
