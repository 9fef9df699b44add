"""PINs: hashed with argon2id, tried at most five times, and turned into a confirmation for one payment."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable

from argon2.exceptions import VerifyMismatchError
from sqlalchemy import insert, select, update

from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput, Conflict, NotAllowed
from shared.web import attempts
from shared.web.hashing import HASHER, NOBODYS_HASH
from wallet.users.models import Confirmation, Profile

CONFIRMATION_MS = 120_000
LENGTH = 6
_PIN = re.compile(rf"[0-9]{{{LENGTH}}}\Z", re.ASCII)


class BadPin(BadInput):
    """A PIN is six digits."""

    code = "bad_pin"


class WrongPin(NotAllowed):
    """Not this person's PIN. `tries_left` says how many tries there are before a wait."""

    code = "wrong_pin"


class PinNotSet(Conflict):
    """The person has no PIN yet."""

    code = "pin_not_set"


class PinAlreadySet(Conflict):
    """The person has a PIN: changing it needs the old one."""

    code = "pin_already_set"


class PinRequired(NotAllowed):
    """The amount is above the no-PIN limit and no good confirmation came with the order."""

    code = "pin_required"


class PinNeeded(NotAllowed):
    """What is asked for weakens the wallet's safety, and no good confirmation came with it."""

    code = "pin_needed"


class SamePin(BadInput):
    """The new PIN is the old one."""

    code = "same_pin"


def hashed(pin: str) -> str:
    """The argon2id hash of a well-formed PIN. Takes tens of milliseconds: never inside an action."""
    if not (isinstance(pin, str) and _PIN.match(pin)):
        raise BadPin()
    return HASHER.hash(pin)


def confirm(store: Store, *, party_id: str, pin: str, address: str, counted_as: str = "wallet") -> str:
    """Check a PIN; the token of a confirmation for one payment. The try is counted before it is checked.

    `counted_as` keeps the tries of strangers at the sign-in apart from the owner's own: nobody can block a payment.
    """
    _check(store, party_id=party_id, pin=pin, address=address, counted_as=counted_as)
    token = secrets.token_urlsafe(24)
    store.run(_grant, token=token, party_id=party_id)
    return token


def refuse_stranger(store: Store, *, who: str, pin: str, address: str, counted_as: str) -> None:
    """Refuse a sign-in as somebody who is not here, as slowly and with the same words as for somebody who is."""
    _try(store, who=who[:64], pin=pin, pin_hash=NOBODYS_HASH, address=address, counted_as=counted_as)
    raise WrongPin(tries_left=0)  # nobody can know what that is the hash of


def set_first(uow: UnitOfWork, *, party_id: str, pin_hash: str) -> None:
    """Set the PIN of a person who has none."""
    changed = uow.execute(
        update(Profile).where(Profile.party_id == party_id, Profile.pin_hash == "").values(pin_hash=pin_hash)
    )
    if not changed:
        raise PinAlreadySet()


def change(store: Store, *, party_id: str, old: str, new: str, address: str) -> None:
    """Set another PIN, by the old one. Confirmations that the old one gave are worthless from now on."""
    new_hash = hashed(new)
    if old == new:
        raise SamePin()
    was = _check(store, party_id=party_id, pin=old, address=address, counted_as="wallet")
    store.run(_replace, party_id=party_id, was=was, pin_hash=new_hash)


def spend(uow: UnitOfWork, *, party_id: str, confirmation: str | None) -> None:
    """Use a confirmation up for something else than a payment; `pin_needed` without one where a PIN is set."""
    if not limits(uow, party_ids=[party_id])[party_id][1]:
        return
    tokens = [confirmation] if confirmation else []
    if good_confirmations(uow, tokens=tokens).get(confirmation or "") != party_id:
        raise PinNeeded()
    use_confirmations(uow, tokens=tokens)


def limits(reader: Reader, *, party_ids: Iterable[str]) -> dict[str, tuple[int, bool]]:
    """For each person: the no-PIN limit in minor units, and whether a PIN is set."""
    rows = reader.sql.rows(
        "SELECT p.party_id, coalesce(l.no_pin_minor, 0), p.pin_hash FROM users_profile AS p"
        " LEFT JOIN payments_limit AS l ON l.party_id = p.party_id WHERE p.party_id IN :ids",
        ids=sorted(set(party_ids)),
    )
    return {row[0]: (row[1], bool(row[2])) for row in rows}


def good_confirmations(reader: Reader, *, tokens: Iterable[str]) -> dict[str, str]:
    """The party of each token that is good now, by token."""
    by_hash = {_token_hash(token): token for token in tokens}
    rows = reader.sql.rows(
        "SELECT token_hash, party_id FROM users_confirmation WHERE token_hash IN :hashes AND used_at IS NULL"
        " AND expires_at > :now",
        hashes=sorted(by_hash),
        now=reader.now,
    )
    return {by_hash[row[0]]: row[1] for row in rows}


def use_confirmations(uow: UnitOfWork, *, tokens: Iterable[str]) -> None:
    """Spend confirmations: each serves one payment."""
    uow.sql.run_many(
        "UPDATE users_confirmation SET used_at = :now WHERE token_hash = :hash",
        [{"now": uow.now, "hash": _token_hash(token)} for token in tokens],
    )


def _replace(uow: UnitOfWork, *, party_id: str, was: str, pin_hash: str) -> None:
    mine = (Profile.party_id == party_id) & (Profile.pin_hash == was)
    if not uow.execute(update(Profile).where(mine).values(pin_hash=pin_hash)):
        raise Conflict()  # another page was faster
    unused = (Confirmation.party_id == party_id) & Confirmation.used_at.is_(None)
    uow.execute(update(Confirmation).where(unused).values(used_at=uow.now))


def _check(store: Store, *, party_id: str, pin: str, address: str, counted_as: str) -> str:
    """Count a try and check it; the hash that it was checked against."""
    if not (isinstance(pin, str) and _PIN.match(pin)):
        raise BadPin()
    stored = store.read(_pin_hash, party_id=party_id)
    if not stored:
        raise PinNotSet()
    _try(store, who=party_id, pin=pin, pin_hash=stored, address=address, counted_as=counted_as)
    return stored


def _try(store: Store, *, who: str, pin: str, pin_hash: str, address: str, counted_as: str) -> None:
    scopes = {
        "account": attempts.account_scope(counted_as, who),
        "address": attempts.address_scope("wallet", address),
    }
    tries_left = store.run(attempts.count, **scopes)
    try:
        HASHER.verify(pin_hash, pin)
    except VerifyMismatchError:
        raise WrongPin(tries_left=tries_left) from None
    store.run(attempts.clear, **scopes)


def _pin_hash(reader: Reader, *, party_id: str) -> str:
    row = reader.first(select(Profile.pin_hash).where(Profile.party_id == party_id))
    return row.pin_hash if row else ""


def _grant(uow: UnitOfWork, *, token: str, party_id: str) -> None:
    uow.execute(
        insert(Confirmation).values(
            token_hash=_token_hash(token), party_id=party_id, expires_at=uow.now + CONFIRMATION_MS
        )
    )


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
