"""Making friends: a scanned card pins a key and asks; the other accepts, declines, or scans back.

Whoever enters the list enters it with the keys they have then. A key that comes later is new until its owner's friend
has checked it: see safety.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from shared import events
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput, Conflict, NotFound
from shared.identity import keys, names, parties
from shared.identity.models import Party
from wallet.contacts.models import Contact


class OwnCard(BadInput):
    """Somebody scanned their own card."""

    code = "own_card"


class NotAContact(NotFound):
    """This person is not in the list."""

    code = "not_a_contact"


class KeysChanged(Conflict):
    """The contact's keys are not those that were compared."""

    code = "keys_changed"


_KEPT = ("party_id", "alias", "state", "pinned_kid", "known_kids")


@dataclass(frozen=True, slots=True)
class Friend:
    """A row of somebody's contact list."""

    party_id: str
    handle: str
    display_name: str
    alias: str
    state: str
    pinned_kid: str
    known_kids: str

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


def check(uow: UnitOfWork, *, owner_id: str, handle: str, kids: list[str]) -> Friend:
    """Accept a contact's keys as compared: `kids`, when these are still all that they have."""
    known = friend(uow, owner_id=owner_id, handle=handle)
    if sorted(kids) != keys.good_kids(uow, party_ids=[known.party_id])[known.party_id]:
        raise KeysChanged()
    mine = (Contact.owner_id == owner_id) & (Contact.party_id == known.party_id)
    uow.execute(update(Contact).where(mine).values(known_kids=" ".join(sorted(kids))))
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
        select(Party.handle, Party.display_name, *(getattr(Contact, name) for name in _KEPT))
        .join(Party, Party.id == Contact.party_id)
        .where(Contact.owner_id == owner_id)
    )


def _state(reader: Reader, *, owner_id: str, party_id: str) -> str | None:
    row = reader.first(select(Contact.state).where(Contact.owner_id == owner_id, Contact.party_id == party_id))
    return str(row.state) if row else None


def _put(uow: UnitOfWork, *, owner_id: str, party_id: str, state: str, kid: str = "") -> None:
    """Write a row. Keys that are known already stay so: another key must be checked, not merely scanned."""
    mine = (Contact.owner_id == owner_id) & (Contact.party_id == party_id)
    row = uow.first(select(Contact.pinned_kid, Contact.known_kids).where(mine))
    known = row.known_kids if row else ""
    if not known and state != "incoming":
        known = " ".join(keys.good_kids(uow, party_ids=[party_id])[party_id])
    pinned = kid if kid in known.split() else row.pinned_kid if row else ""
    changes = {"state": state, "pinned_kid": pinned, "known_kids": known}
    if row is None:
        new = {"owner_id": owner_id, "party_id": party_id, "alias": "", "created_at": uow.now}
        uow.execute(insert(Contact).values(**new, **changes))
    else:
        uow.execute(update(Contact).where(mine).values(**changes))


def _tell(uow: UnitOfWork, name: str, by_id: str, to_id: str) -> None:
    by = parties.by_id(uow, id=by_id)
    topics = [events.party_topic(by_id), events.party_topic(to_id)]
    uow.emit(name, topics, by=by.display_name, by_handle=by.handle)
