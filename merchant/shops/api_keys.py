"""API keys: bearer keys of the merchant API, shown once when they are made; only their hash is stored."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import insert, update

from merchant.shops.models import ApiKey
from shared.db.unit import Reader, UnitOfWork
from shared.errors import DomainError
from shared.identity import parties

_PREFIX = "sk_test_"


class BadApiKey(DomainError):
    """No API key came with the request, or one that is unknown or revoked."""

    code = "bad_api_key"
    status = 401


def new_key() -> str:
    """A fresh key. It cannot be shown again: what is stored does not lead back to it."""
    return _PREFIX + secrets.token_hex(20)


def issue(uow: UnitOfWork, *, shop_id: str, key: str, label: str) -> None:
    """Let a shop's programs in with this key."""
    uow.execute(
        insert(ApiKey).values(key_hash=_hash(key), shop_id=shop_id, label=label, created_at=uow.now, revoked_at=None)
    )


def revoke_labelled(uow: UnitOfWork, *, shop_id: str, label: str) -> None:
    """Make a shop's keys of this label worthless from now on."""
    mine = (ApiKey.shop_id == shop_id) & (ApiKey.label == label) & ApiKey.revoked_at.is_(None)
    uow.execute(update(ApiKey).where(mine).values(revoked_at=uow.now))


def shop_of(reader: Reader, *, key: str) -> parties.Known:
    """The shop that a key belongs to; `bad_api_key` otherwise."""
    rows = reader.sql.rows(
        "SELECT shop_id FROM shops_api_key WHERE key_hash = :hash AND revoked_at IS NULL", hash=_hash(key)
    )
    if not rows:
        raise BadApiKey()
    return parties.by_id(reader, id=rows[0][0])


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
