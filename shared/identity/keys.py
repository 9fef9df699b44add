"""Keys: enrolled for a party, found by their name (kid), revoked by their owner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from sqlalchemy import insert, select, update

from shared.db.unit import Reader, UnitOfWork
from shared.errors import Conflict, NotFound
from shared.identity.models import Key
from shared.identity.signing import Algorithm, PrivateKey, PublicKey, unlock

DEVICE_MAY_SEAL = frozenset({1, 2, 5, 6})
TERMINAL_MAY_SEAL = frozenset({3, 4, 6})
OPERATOR_MAY_SEAL = frozenset({6, 7})


class KeyTaken(Conflict):
    """This key is enrolled already."""

    code = "key_taken"


class NoServerKey(NotFound):
    """The party has no key that this server holds."""

    code = "no_server_key"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key as a verifier needs it. `revoked_at` is in milliseconds, None while the key is good."""

    public_key: PublicKey
    handle: str
    may_seal: frozenset[int]
    revoked_at: int | None
    party_id: str
    custody: str = "device"
    card: str = ""

    @property
    def kid_hex(self) -> str:
        """The key's name: 8 bytes in hex."""
        return self.public_key.kid_hex


def enroll(
    uow: UnitOfWork,
    *,
    party_id: str,
    public_key: PublicKey,
    may_seal: frozenset[int],
    locked_private: bytes | None = None,
    card: str = "",
) -> None:
    """Give a party a key: a device's (only its public half) or a server-held one (with its locked private half)."""
    if uow.first(select(Key.kid).where(Key.kid == public_key.kid_hex)):
        raise KeyTaken()
    uow.execute(
        insert(Key).values(
            kid=public_key.kid_hex,
            party_id=party_id,
            algorithm=public_key.algorithm.value,
            public_key=public_key.raw,
            may_seal=",".join(map(str, sorted(may_seal))),
            custody="server" if locked_private else "device",
            locked_private=locked_private,
            card=card,
            created_at=uow.now,
        )
    )


def revoke(uow: UnitOfWork, *, party_id: str, kid: str) -> None:
    """Make a party's key worthless from now on; revoking it again changes nothing."""
    mine = (Key.kid == kid) & (Key.party_id == party_id)
    if not uow.first(select(Key.kid).where(mine)):
        raise NotFound()
    uow.execute(update(Key).where(mine, Key.revoked_at.is_(None)).values(revoked_at=uow.now))


def find_many(reader: Reader, *, kids: list[str]) -> dict[str, KeyRecord]:
    """The records of those kids that are enrolled, revoked ones included."""
    rows = reader.sql.rows(
        "SELECT k.kid, k.algorithm, k.public_key, k.party_id, p.handle, k.may_seal, k.revoked_at, k.custody, k.card"
        " FROM identity_key AS k JOIN identity_party AS p ON p.id = k.party_id WHERE k.kid IN :kids",
        kids=kids,
    )
    return {row[0]: _record(row[1:]) for row in rows}


def find(reader: Reader, *, kid: str) -> KeyRecord | None:
    """One key's record, or None."""
    return find_many(reader, kids=[kid]).get(kid)


def as_enrolled(reader: Reader, *, kid: str) -> KeyRecord | None:
    """One key's record as if it had never been revoked, or None: the rest of it never changes and is remembered."""

    def load() -> KeyRecord | None:
        found = find(reader, kid=kid)
        return replace(found, revoked_at=None) if found else None

    return reader.lasting(("key", kid), load)


def good(reader: Reader, *, kids: Iterable[str]) -> set[str]:
    """Those of the kids that are enrolled and not revoked."""
    rows = reader.sql.rows(
        "SELECT kid FROM identity_key WHERE kid IN :kids AND revoked_at IS NULL", kids=sorted(set(kids))
    )
    return {row[0] for row in rows}


def of_party(reader: Reader, *, party_id: str) -> list[KeyRecord]:
    """A party's keys, oldest first, revoked ones included."""
    kids = [row.kid for row in reader.all(select(Key.kid).where(Key.party_id == party_id).order_by(Key.created_at))]
    found = find_many(reader, kids=kids)
    return [found[kid] for kid in kids]


def good_kids(reader: Reader, *, party_ids: Iterable[str]) -> dict[str, list[str]]:
    """The names of each party's keys that are not given up, in order."""
    found: dict[str, list[str]] = {party_id: [] for party_id in party_ids}
    rows = reader.sql.rows(
        "SELECT party_id, kid FROM identity_key WHERE party_id IN :ids AND revoked_at IS NULL ORDER BY kid",
        ids=sorted(found),
    )
    for party_id, kid in rows:
        found[party_id].append(kid)
    return found


def server_signer(reader: Reader, *, party_id: str, secret: bytes, kid: str | None = None) -> PrivateKey:
    """The newest good server-held key of a party (or the one named `kid`), unlocked; `NoServerKey` without one."""
    rows = reader.sql.rows(
        "SELECT locked_private FROM identity_key WHERE party_id = :party AND locked_private IS NOT NULL"
        f" AND revoked_at IS NULL{'' if kid is None else ' AND kid = :kid'} ORDER BY created_at DESC LIMIT 1",
        party=party_id,
        **({} if kid is None else {"kid": kid}),
    )
    if not rows:
        raise NoServerKey()
    return unlock(bytes(rows[0][0]), secret)


def operator_id(reader: Reader) -> str:
    """The party id of this installation's operator."""
    rows = reader.sql.rows("SELECT id FROM identity_party WHERE kind = 'operator' ORDER BY created_at LIMIT 1")
    if not rows:
        raise NoServerKey()
    return str(rows[0][0])


@cache
def _kinds(may_seal: str) -> frozenset[int]:
    return frozenset(int(kind) for kind in may_seal.split(","))


def _record(row: tuple) -> KeyRecord:  # type: ignore[type-arg]
    algorithm, raw, party_id, handle, may_seal, revoked_at, custody, card = row
    return KeyRecord(
        public_key=PublicKey(Algorithm(algorithm), bytes(raw)),
        party_id=party_id,
        handle=handle,
        may_seal=_kinds(may_seal),
        revoked_at=revoked_at,
        custody=custody,
        card=card,
    )
