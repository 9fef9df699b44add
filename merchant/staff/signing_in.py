"""Signing in at a till: by a PIN that is hashed with argon2id and tried at most five times."""

from __future__ import annotations

from argon2.exceptions import VerifyMismatchError

from merchant.staff import members
from merchant.staff.members import KnownMember, Role, folded
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.errors import DomainError
from shared.web import attempts, sessions
from shared.web.hashing import HASHER, NOBODYS_HASH

SERVICE = "merchant"


class WrongSignIn(DomainError):
    """Shop, name and PIN do not belong together. Which of them is wrong is not told; `tries_left` before a wait."""

    code = "wrong_sign_in"
    status = 401


def sign_in(store: Store, *, handle: str, name: str, pin: str, address: str) -> str:
    """Check who stands at the till; the token of a new session. The try is counted before the PIN is checked."""
    member, scopes = _checked(store, handle, name, pin, address)
    token = sessions.new_token()
    store.run(_enter, scopes=scopes, token=token, member=member)
    return token


def recognise(store: Store, *, handle: str, name: str, pin: str, address: str) -> KnownMember:
    """Who this is, checked and counted as at signing in, without opening a till."""
    member, scopes = _checked(store, handle, name, pin, address)
    store.run(attempts.clear, **scopes)
    return member


def _checked(store: Store, handle: str, name: str, pin: str, address: str) -> tuple[KnownMember, dict[str, str]]:
    """The member whose PIN this is, and where the try was counted."""
    shop, who = folded(handle, 32), folded(name)
    scopes = {
        "account": attempts.account_scope(SERVICE, f"{shop}/{who}"),
        "address": attempts.address_scope(SERVICE, address),
    }
    found = store.read(_candidate, handle=shop, name=who)
    tries_left = store.run(attempts.count, **scopes)
    member, pin_hash = found or (None, NOBODYS_HASH)
    try:
        HASHER.verify(pin_hash, pin)
    except VerifyMismatchError:
        raise WrongSignIn(tries_left=tries_left) from None
    if member is None:
        raise WrongSignIn(tries_left=tries_left)
    return member, scopes


def start_session(uow: UnitOfWork, *, token: str, member: KnownMember) -> None:
    """Open the till for somebody who is still there."""
    if members.by_id(uow, id=member.id) is None:
        raise WrongSignIn(tries_left=0)
    sessions.start(uow, token=token, service=SERVICE, party_id=member.shop_id, holder=member.id)


def _enter(uow: UnitOfWork, *, scopes: dict[str, str], token: str, member: KnownMember) -> None:
    attempts.clear(uow, **scopes)
    start_session(uow, token=token, member=member)


def _candidate(reader: Reader, *, handle: str, name: str) -> tuple[KnownMember, str] | None:
    rows = reader.sql.rows(
        "SELECT m.id, m.shop_id, m.name, m.role, m.pin_hash FROM staff_member AS m"
        " JOIN identity_party AS p ON p.id = m.shop_id WHERE p.handle = :handle AND m.removed_at IS NULL",
        handle=handle,
    )
    named = [row for row in rows if folded(row[2]) == name]
    if not named:
        return None
    id, shop_id, known_as, role, pin_hash = named[0]
    return KnownMember(id, shop_id, known_as, Role(role)), pin_hash
