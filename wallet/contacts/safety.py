"""How safe a contact is: the number that both phones show, and whether there is a key that nobody has checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from shared.db import outbox
from shared.db.store import Store
from shared.db.unit import Reader
from shared.identity import keys, parties, safety
from shared.identity.keys import KeyRecord
from shared.identity.safety import Side
from wallet.contacts import actions
from wallet.contacts.actions import Friend


@dataclass(frozen=True, slots=True)
class Safety:
    """The number of a person and a contact, the contact's keys that it covers, and those of them that are new.

    `made_of` is what a phone works the number out from by itself: the realm, and both sides with their keys in hex.
    """

    number: str
    kids: list[str]
    new_kids: list[str]
    made_of: dict[str, Any]

    @property
    def groups(self) -> list[str]:
        """The number in twelve groups of five."""
        return safety.grouped(self.number)


def of_contact(store: Store, *, owner_id: str, handle: str) -> Safety:
    """The safety of a contact; `not_a_contact` for others. Takes milliseconds: never inside an action."""
    realm, friend, mine, theirs = store.read(_sides, owner_id=owner_id, handle=handle)
    kids = sorted(key.kid_hex for key in theirs[1])
    sides = [Side(name, frozenset(record.public_key for record in records)) for name, records in (mine, theirs)]
    known = friend.known_kids.split()
    new_kids, made_of = [kid for kid in kids if kid not in known], {"realm": realm, "sides": list(map(_told, sides))}
    return Safety(safety.safety_number(realm, *sides), kids, new_kids, made_of)


def check(store: Store, *, owner_id: str, handle: str, number: str) -> Safety:
    """Accept the contact's keys after a comparison of the numbers; `keys_changed` when there is another one now."""
    found = of_contact(store, owner_id=owner_id, handle=handle)
    if number != found.number:
        raise actions.KeysChanged()
    store.run(actions.check, owner_id=owner_id, handle=handle, kids=found.kids)
    return replace(found, new_kids=[])


def _told(side: Side) -> dict[str, Any]:
    keys = [
        {"kid": key.kid_hex, "algorithm": key.algorithm.value, "public_key": key.raw.hex()}
        for key in sorted(side.keys, key=lambda key: key.kid)
    ]
    return {"handle": side.handle, "keys": keys}


_Named = tuple[str, list[KeyRecord]]


def _sides(reader: Reader, *, owner_id: str, handle: str) -> tuple[str, Friend, _Named, _Named]:
    friend = actions.friend(reader, owner_id=owner_id, handle=handle)
    owner = parties.by_id(reader, id=owner_id)
    mine, theirs = (
        [record for record in keys.of_party(reader, party_id=party_id) if record.revoked_at is None]
        for party_id in (owner_id, friend.party_id)
    )
    return outbox.realm(reader), friend, (owner.handle, mine), (friend.handle, theirs)
