"""What becomes of a shop's keys: issued, given a successor, revoked."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence

from sqlalchemy import insert, update

from merchant.activity import log
from merchant.keys import queries
from merchant.keys.models import ApiKey
from merchant.keys.queries import ShopKey
from merchant.standing import At
from shared import ids
from shared.db.unit import UnitOfWork
from shared.errors import BadInput, Conflict
from shared.identity import wording

LONGEST_NAME = 40
MOST_KEYS = 50
LONGEST_LIFE_S, LONGEST_OVERLAP_S = 366 * 24 * 3600, 30 * 24 * 3600


class TooManyApiKeys(Conflict):
    """A shop has at most fifty good keys."""

    code = "too_many_api_keys"


class ApiKeyGone(Conflict):
    """A key that is revoked or expired has no successor any more."""

    code = "api_key_gone"


def new_key(*, is_restricted: bool = False) -> str:
    """A fresh key. It cannot be shown again: what is stored does not lead back to it."""
    return queries.prefix_of(is_restricted) + secrets.token_hex(20)


def issue(
    uow: UnitOfWork,
    *,
    shop_id: str,
    key: str,
    name: str,
    scopes: Sequence[str] | None = None,
    life_s: int | None = None,
    created_by: str | None = None,
) -> str:
    """Let a shop's programs in with this key: everywhere, or where `scopes` say, for `life_s` seconds or for good."""
    id = ids.new_id("key", uow.now)
    row = {
        "id": id,
        "shop_id": shop_id,
        "name": name,
        "key_hash": queries.hash_of(key),
        "last_four": key[-4:],
        "scopes": None if scopes is None else json.dumps(list(scopes)),
        "created_by": created_by,
        "created_at": uow.now,
        "expires_at": None if life_s is None else uow.now + life_s * 1000,
    }
    uow.execute(insert(ApiKey).values(row))
    return id


def issue_at(
    uow: UnitOfWork, *, at: At, key: str, name: str, scopes: Sequence[str] | None, life_s: int | None
) -> ShopKey:
    """Issue a key at a shop's own wish, and write that down."""
    check_name(name)
    check_span("life_s", life_s, LONGEST_LIFE_S)
    good = [known for known in queries.of_shop(uow, shop_id=at.shop.id) if known.is_good(uow.now)]
    if len(good) >= MOST_KEYS:
        raise TooManyApiKeys()
    id = issue(uow, shop_id=at.shop.id, key=key, name=name, scopes=scopes, life_s=life_s, created_by=at.member.id)
    _note(uow, at, "api_key.made", id, {"name": name})
    return queries.at_shop(uow, id=id, shop_id=at.shop.id)


def rotate(uow: UnitOfWork, *, at: At, key_id: str, key: str, overlap_s: int) -> ShopKey:
    """Give a key a successor that may the same; the old one is good for `overlap_s` more seconds. The new one."""
    check_span("overlap_s", overlap_s, LONGEST_OVERLAP_S, least=0)
    old = queries.at_shop(uow, id=key_id, shop_id=at.shop.id)
    if not old.is_good(uow.now) or old.rotated_to is not None:
        raise ApiKeyGone()
    life_s = None if old.expires_at is None else max(1, (old.expires_at - old.created_at) // 1000)
    id = issue(
        uow, shop_id=at.shop.id, key=key, name=old.name, scopes=old.scopes, life_s=life_s, created_by=at.member.id
    )
    ends_at = min(uow.now + overlap_s * 1000, old.expires_at or 2**62)
    uow.execute(update(ApiKey).where(ApiKey.id == old.id).values(rotated_to=id, expires_at=ends_at))
    _note(uow, at, "api_key.rotated", old.id, {"name": old.name})
    return queries.at_shop(uow, id=id, shop_id=at.shop.id)


def revoke(uow: UnitOfWork, *, at: At, key_id: str) -> None:
    """Make a key worthless from now on; revoked again, it stays so."""
    key = queries.at_shop(uow, id=key_id, shop_id=at.shop.id)
    if key.revoked_at is None:
        uow.execute(update(ApiKey).where(ApiKey.id == key.id).values(revoked_at=uow.now))
        _note(uow, at, "api_key.revoked", key.id, {"name": key.name})


def revoke_named(uow: UnitOfWork, *, shop_id: str, name: str) -> None:
    """Make a shop's keys of this name worthless from now on."""
    mine = (ApiKey.shop_id == shop_id) & (ApiKey.name == name) & ApiKey.revoked_at.is_(None)
    uow.execute(update(ApiKey).where(mine).values(revoked_at=uow.now))


def note_uses(uow: UnitOfWork, *, used_at: Mapping[str, int]) -> None:
    """Remember when keys were used last (ms of Saoma's time, by the key's id)."""
    for id, moment in used_at.items():
        uow.execute(update(ApiKey).where(ApiKey.id == id).values(last_used_at=moment))


def check_name(name: str) -> str:
    """The name, when it can be shown and is not longer than forty characters; `bad_input` otherwise."""
    if not name or len(name) > LONGEST_NAME or not wording.is_fit(name, 4 * LONGEST_NAME):
        raise BadInput(field="name")
    return name


def check_span(field: str, seconds: int | None, longest: int, *, least: int = 60) -> None:
    """A span of whole seconds in its bounds, or none; `bad_input` otherwise."""
    if seconds is not None and not least <= seconds <= longest:
        raise BadInput(field=field)


def _note(uow: UnitOfWork, at: At, what: str, subject: str, details: Mapping[str, str | int]) -> None:
    log.note(
        uow,
        shop_id=at.shop.id,
        member_id=at.member.id,
        terminal_id=at.terminal.id,
        what=what,
        subject=subject,
        details=details,
    )
