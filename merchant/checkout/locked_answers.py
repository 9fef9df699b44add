"""Answers that tell a secret once, as they are kept for an Idempotency-Key: locked under the installation's secret."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.db.unit import UnitOfWork
from shared.identity.signing import CannotUnlockKey
from shared.web.secrets import derived

Shown = dict[str, Any]
_LOCKED = "locked_answer"
_NONCE_BYTES = 12


def locking(action: Callable[..., Shown], secret: bytes) -> Callable[..., Shown]:
    """The action, whose answer is locked: whoever reads the database or a backup of it learns nothing by it."""

    def run(uow: UnitOfWork, **args: Any) -> Shown:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        answer = json.dumps(action(uow, **args)).encode()
        return {_LOCKED: (nonce + _cipher(secret).encrypt(nonce, answer, None)).hex()}

    return run


def opened(answer: Shown, secret: bytes) -> Shown:
    """An answer as it was given, also where it was kept locked; `cannot_unlock_key` when the secret is another one."""
    if set(answer) != {_LOCKED}:
        return answer
    locked = bytes.fromhex(answer[_LOCKED])
    try:
        told: Shown = json.loads(_cipher(secret).decrypt(locked[:_NONCE_BYTES], locked[_NONCE_BYTES:], None))
    except InvalidTag:
        raise CannotUnlockKey(kid=_LOCKED) from None
    return told


def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(derived(secret, "locked answers"))
