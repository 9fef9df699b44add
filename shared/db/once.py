"""Idempotency keys: the first answer under a key is kept in the action's own transaction and replayed exactly."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import insert, select

from shared.db.models import OnceRow
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput, IdempotencyConflict

LONGEST_KEY = 255


class BadIdempotencyKey(BadInput):
    """An Idempotency-Key that is empty, too long or not printable ASCII."""

    code = "bad_idempotency_key"


def body_hash(body: bytes) -> str:
    """The fingerprint by which a repeated request is told from another one."""
    return hashlib.sha256(body).hexdigest()


def is_answered(reader: Reader, *, scope: str, key: str) -> bool:
    """Whether something was carried out under a key: whoever asks again is not judged by what has changed since."""
    return reader.first(select(OnceRow.key).where(OnceRow.scope == scope, OnceRow.key == key)) is not None


def once(
    scope: str, key: str | None, fingerprint: str, action: Callable[..., Any], as_json: Callable[[Any], Any]
) -> Callable[..., Any]:
    """The action, run at most once per (scope, key); its answer is always `as_json` of its result.

    Without a key the action simply runs. The same key with another fingerprint is `idempotency_conflict`. A refusal is
    not kept: the caller may mend what was wrong and ask again.
    """
    if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise BadIdempotencyKey()

    def run(uow: UnitOfWork, **args: Any) -> Any:
        if key is None:
            return as_json(action(uow, **args))
        found = uow.first(select(OnceRow.body_hash, OnceRow.answer).where(OnceRow.scope == scope, OnceRow.key == key))
        if found:
            if found.body_hash != fingerprint:
                raise IdempotencyConflict()
            return json.loads(found.answer)
        answer = as_json(action(uow, **args))
        uow.execute(
            insert(OnceRow).values(
                scope=scope, key=key, body_hash=fingerprint, answer=json.dumps(answer), created_at=uow.now
            )
        )
        return answer

    return run
