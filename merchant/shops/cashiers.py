"""Cashiers: who may open a shop's till, by a PIN that is hashed with argon2id and tried at most five times."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import insert, update

from merchant.shops.models import Cashier
from shared import ids
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput, DomainError
from shared.identity import names
from shared.web import attempts, sessions

SERVICE = "merchant"
_PIN = re.compile(r"[0-9]{6}\Z", re.ASCII)
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODYS_HASH = _HASHER.hash("nobody's")
"""Checked for a cashier that does not exist, so that the time of an answer does not tell who does."""


class BadCashierPin(BadInput):
    """A cashier's PIN is six digits."""

    code = "bad_cashier_pin"


class WrongSignIn(DomainError):
    """Shop, name and PIN do not belong together. Which of them is wrong is not told; `tries_left` before a wait."""

    code = "wrong_sign_in"
    status = 401


@dataclass(frozen=True, slots=True)
class KnownCashier:
    """Somebody who may sign in at a shop's till."""

    id: str
    shop_id: str
    name: str


def hashed(pin: str) -> str:
    """The argon2id hash of a well-formed PIN. Takes tens of milliseconds: never inside an action."""
    if not (isinstance(pin, str) and _PIN.match(pin)):
        raise BadCashierPin()
    return _HASHER.hash(pin)


def add(uow: UnitOfWork, *, shop_id: str, name: str, pin_hash: str) -> KnownCashier:
    """Let somebody sign in at a shop's till."""
    cashier = KnownCashier(ids.new_id("csh", uow.now), shop_id, names.check_name(name))
    uow.execute(
        insert(Cashier).values(id=cashier.id, shop_id=shop_id, name=cashier.name, pin_hash=pin_hash, created_at=uow.now)
    )
    return cashier


def set_pin(uow: UnitOfWork, *, cashier_id: str, pin_hash: str) -> None:
    """Give a cashier another PIN."""
    uow.execute(update(Cashier).where(Cashier.id == cashier_id).values(pin_hash=pin_hash))


def of_shop(reader: Reader, *, shop_id: str) -> list[KnownCashier]:
    """A shop's cashiers, the first one first."""
    rows = reader.sql.rows(
        "SELECT id, shop_id, name FROM shops_cashier WHERE shop_id = :shop ORDER BY created_at, id", shop=shop_id
    )
    return [KnownCashier(*row) for row in rows]


def by_id(reader: Reader, *, id: str) -> KnownCashier | None:
    """One cashier, or None."""
    rows = reader.sql.rows("SELECT id, shop_id, name FROM shops_cashier WHERE id = :id", id=id)
    return KnownCashier(*rows[0]) if rows else None


def sign_in(store: Store, *, handle: str, name: str, pin: str, address: str) -> str:
    """Check who stands at the till; the token of a new session. The try is counted before the PIN is checked."""
    shop, who = _folded(handle, 32), _folded(name, names.LONGEST_NAME)
    scopes = {
        "account": attempts.account_scope(SERVICE, f"{shop}/{who}"),
        "address": attempts.address_scope(SERVICE, address),
    }
    found = store.read(_candidate, handle=shop, name=who)
    tries_left = store.run(attempts.count, **scopes)
    cashier, pin_hash = found or (None, _NOBODYS_HASH)
    try:
        _HASHER.verify(pin_hash, pin)
    except VerifyMismatchError:
        raise WrongSignIn(tries_left=tries_left) from None
    if cashier is None:
        raise WrongSignIn(tries_left=tries_left)
    token = sessions.new_token()
    store.run(_enter, scopes=scopes, token=token, cashier=cashier)
    return token


def start_session(uow: UnitOfWork, *, token: str, cashier: KnownCashier) -> None:
    """Open the till for a cashier."""
    sessions.start(uow, token=token, service=SERVICE, party_id=cashier.shop_id, holder=cashier.id)


def _enter(uow: UnitOfWork, *, scopes: dict[str, str], token: str, cashier: KnownCashier) -> None:
    attempts.clear(uow, **scopes)
    start_session(uow, token=token, cashier=cashier)


def _candidate(reader: Reader, *, handle: str, name: str) -> tuple[KnownCashier, str] | None:
    rows = reader.sql.rows(
        "SELECT c.id, c.shop_id, c.name, c.pin_hash FROM shops_cashier AS c"
        " JOIN identity_party AS p ON p.id = c.shop_id WHERE p.handle = :handle",
        handle=handle,
    )
    named = [row for row in rows if _folded(row[2], names.LONGEST_NAME) == name]
    return (KnownCashier(*named[0][:3]), named[0][3]) if named else None


def _folded(text: str, longest: int) -> str:
    """What somebody typed, so that capitals and stray spaces do not lock them out."""
    return unicodedata.normalize("NFC", " ".join(text.replace("\0", "").split())).casefold()[:longest]
