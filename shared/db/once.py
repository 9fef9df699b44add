"""Idempotency keys: the first answer under a key is kept in the action's own transaction and replayed exactly.

It is kept for 24 hours of Saoma's time; a key that comes later is a new one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert

from shared.db.models import OnceRow
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput, IdempotencyConflict

LONGEST_KEY = 255
KEPT_MS = 24 * 3600 * 1000
_PRUNED_AT_ONCE = 1000


class BadIdempotencyKey(BadInput):
    """An Idempotency-Key that is empty, too long or not printable ASCII."""

    code = "bad_idempotency_key"


@dataclass(frozen=True, slots=True)
class Kept:
    """What was answered under a key, as JSON, and the fingerprint of the request that it answered."""

    fingerprint: str
    answer: str
    at: int

    def is_over(self, reader: Reader) -> bool:
        """Whether it was kept long enough: the key is a new one again."""
        return self.at <= _limit(reader)

    def told_to(self, fingerprint: str) -> Any:
        """The answer, when this request is the one that it answered; `idempotency_conflict` otherwise."""
        if self.fingerprint != fingerprint:
            raise IdempotencyConflict()
        return json.loads(self.answer)


def body_hash(body: bytes) -> str:
    """The fingerprint by which a repeated request is told from another one."""
    return hashlib.sha256(body).hexdigest()


def check_key(key: str) -> str:
    """The key itself when it can be one; `bad_idempotency_key` otherwise."""
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise BadIdempotencyKey()
    return key


def find(reader: Reader, *, scope: str, key: str) -> Kept | None:
    """What was answered under a key in the last 24 hours."""
    kept = _find(reader, scope, key)
    return None if kept is None or kept.is_over(reader) else kept


def is_answered(reader: Reader, *, scope: str, key: str) -> bool:
    """Whether something was carried out under a key: whoever asks again is not judged by what has changed since."""
    return find(reader, scope=scope, key=key) is not None


def once(
    scope: str,
    key: str | None,
    fingerprint: str,
    action: Callable[..., Any],
    as_json: Callable[[Any], Any],
    *,
    on_repeat: Callable[[], object] = lambda: None,
) -> Callable[..., Any]:
    """The action, run at most once per (scope, key); its answer is always `as_json` of its result.

    Without a key the action simply runs. The same key with another fingerprint is `idempotency_conflict`. A refusal is
    not kept: the caller may mend what was wrong and ask again. `on_repeat` is called when the answer is an old one.
    """
    if key is not None:
        check_key(key)

    def run(uow: UnitOfWork, **args: Any) -> Any:
        if key is None:
            return as_json(action(uow, **args))
        kept = _find(uow, scope, key)
        if kept is not None and not kept.is_over(uow):
            answer = kept.told_to(fingerprint)
            on_repeat()
            return answer
        answer = as_json(action(uow, **args))
        if kept is not None:
            uow.execute(delete(OnceRow).where(OnceRow.scope == scope, OnceRow.key == key))
        uow.execute(
            insert(OnceRow).values(
                scope=scope, key=key, body_hash=fingerprint, answer=json.dumps(answer), created_at=uow.now
            )
        )
        return answer

    return run


def has_old(reader: Reader) -> bool:
    """Whether `forget_old` would find anything."""
    return bool(reader.sql.rows("SELECT 1 FROM db_once WHERE created_at <= :limit LIMIT 1", limit=_limit(reader)))


def forget_old(uow: UnitOfWork) -> int:
    """Forget some of the answers that were kept long enough; how many."""
    return uow.sql.run(
        "DELETE FROM db_once WHERE (scope, key) IN"
        " (SELECT scope, key FROM db_once WHERE created_at <= :limit LIMIT :most)",
        limit=_limit(uow),
        most=_PRUNED_AT_ONCE,
    )


def _find(reader: Reader, scope: str, key: str) -> Kept | None:
    rows = reader.sql.rows(
        "SELECT body_hash, answer, created_at FROM db_once WHERE scope = :scope AND key = :key", scope=scope, key=key
    )
    return Kept(*rows[0]) if rows else None


def _limit(reader: Reader) -> int:
    return reader.now - KEPT_MS
