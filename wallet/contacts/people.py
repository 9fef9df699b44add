"""How one person sees others: the registry's name, the name given to a contact, and how far they can be trusted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from shared.db.unit import Reader
from shared.identity import keys, parties
from shared.identity.parties import Known
from wallet.contacts.models import Contact


@dataclass(frozen=True, slots=True)
class Person:
    """A party in the eyes of somebody. `alias` is empty where none was given; `verified_at` is the operator's word."""

    id: str
    handle: str
    display_name: str
    alias: str
    kind: str
    verified_at: int | None
    is_contact: bool
    is_me: bool
    has_new_key: bool = False
    """Of a contact: whether they have a key that the viewer has neither accepted nor checked."""

    @property
    def shown_name(self) -> str:
        """The name that the viewer gave, or else the registry's."""
        return self.alias or self.display_name

    @property
    def standing(self) -> str:
        """`verified`, `contact` or `stranger`."""
        return "verified" if self.verified_at else "contact" if self.is_contact else "stranger"

    def as_json(self) -> dict[str, Any]:
        """The person as the API tells of them."""
        return {
            "handle": self.handle,
            "display_name": self.display_name,
            "alias": self.alias,
            "kind": self.kind,
            "verified": self.verified_at is not None,
            "is_contact": self.is_contact,
            "is_me": self.is_me,
        }


def seen_by(reader: Reader, *, viewer_id: str, who: Iterable[Known]) -> dict[str, Person]:
    """These parties as the viewer sees them, by party id. One who only asked for friendship is no contact yet."""
    asked = {party.id: party for party in who}
    rows = reader.sql.rows(
        "SELECT party_id, alias, known_kids FROM contacts_contact"
        " WHERE owner_id = :viewer AND party_id IN :asked AND state <> 'incoming'",
        viewer=viewer_id,
        asked=sorted(asked),
    )
    alias = {party_id: name for party_id, name, _ in rows}
    kids = keys.good_kids(reader, party_ids=alias) if alias else {}
    changed = {party_id for party_id, _, known in rows if not set(kids[party_id]) <= set(known.split())}
    return {
        id: Person(
            id=id,
            handle=party.handle,
            display_name=party.display_name,
            alias=alias.get(id, ""),
            kind=party.kind,
            verified_at=party.verified_at,
            is_contact=id in alias,
            is_me=id == viewer_id,
            has_new_key=id in changed,
        )
        for id, party in asked.items()
    }


def by_handle(reader: Reader, *, viewer_id: str, handle: str) -> Person:
    """One party as the viewer sees it; `unknown_party` otherwise."""
    party = parties.by_handle(reader, handle=handle)
    return seen_by(reader, viewer_id=viewer_id, who=[party])[party.id]


def are_friends(reader: Reader, *, one_id: str, other_id: str) -> bool:
    """Whether both have said yes to being each other's contact."""
    pairs = ((one_id, other_id), (other_id, one_id))
    found = [
        reader.first(
            select(Contact.state).where(
                Contact.owner_id == owner, Contact.party_id == other, Contact.state == "accepted"
            )
        )
        for owner, other in pairs
    ]
    return all(found)
