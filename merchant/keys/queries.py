"""Whose key it is that a program comes with, what it may, and which keys a shop has."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from shared.db.unit import Reader
from shared.errors import DomainError, NotFound
from shared.identity import parties
from shared.identity.parties import Known

_COLUMNS = (
    "id, shop_id, name, last_four, scopes, created_by, created_at, expires_at, rotated_to, revoked_at, last_used_at"
)


class BadApiKey(DomainError):
    """No API key came with the request, or one that is unknown or revoked."""

    code = "bad_api_key"
    status = 401


class ApiKeyExpired(DomainError):
    """The key's time is over: it was made for a while, or another one took its place."""

    code = "api_key_expired"
    status = 401


class UnknownApiKey(NotFound):
    """The shop has no such key."""

    code = "unknown_api_key"


@dataclass(frozen=True, slots=True)
class ShopKey:
    """A key as its shop sees it; times in ms. `scopes` is None for a full key."""

    id: str
    shop_id: str
    name: str
    last_four: str
    scopes: tuple[str, ...] | None
    created_by: str | None
    created_at: int
    expires_at: int | None
    rotated_to: str | None
    revoked_at: int | None
    last_used_at: int | None

    @property
    def prefix(self) -> str:
        """What the key begins with."""
        return prefix_of(self.scopes is not None)

    def is_good(self, now: int) -> bool:
        """Whether it opens doors."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose program is asking, by which key, and what that key may (None: everything)."""

    shop: Known
    key_id: str
    scopes: frozenset[str] | None


def prefix_of(is_restricted: bool) -> str:
    """What a key begins with: its kind, and that it is for tests, as all keys of a simulator are."""
    return "rk_test_" if is_restricted else "sk_test_"


def hash_of(key: str) -> str:
    """What is stored of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def bearer_of(reader: Reader, *, key: str) -> Bearer:
    """Who comes with this key; `bad_api_key` or `api_key_expired` otherwise."""
    rows = reader.sql.rows(
        "SELECT id, shop_id, scopes, expires_at FROM keys_key WHERE key_hash = :hash AND revoked_at IS NULL",
        hash=hash_of(key),
    )
    if not rows:
        raise BadApiKey()
    id, shop_id, scopes, expires_at = rows[0]
    if expires_at is not None and reader.now >= expires_at:
        raise ApiKeyExpired()
    return Bearer(parties.by_id(reader, id=shop_id), id, None if scopes is None else frozenset(json.loads(scopes)))


def of_shop(reader: Reader, *, shop_id: str) -> list[ShopKey]:
    """All keys that a shop ever had, the newest first."""
    rows = reader.sql.rows(
        f"SELECT {_COLUMNS} FROM keys_key WHERE shop_id = :shop ORDER BY created_at DESC, id DESC", shop=shop_id
    )
    return [_key(row) for row in rows]


def at_shop(reader: Reader, *, id: str, shop_id: str) -> ShopKey:
    """One of this shop's keys; another shop's do not exist for it (`unknown_api_key`)."""
    rows = reader.sql.rows(f"SELECT {_COLUMNS} FROM keys_key WHERE id = :id AND shop_id = :shop", id=id, shop=shop_id)
    if not rows:
        raise UnknownApiKey()
    return _key(rows[0])


def _key(row: tuple) -> ShopKey:  # type: ignore[type-arg]
    values = list(row)
    values[4] = None if row[4] is None else tuple(json.loads(row[4]))
    return ShopKey(*values)
