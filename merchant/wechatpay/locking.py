"""How the platform's private key and the merchants' API v3 keys lie in the database: AES-256-GCM under the secret."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.identity.signing import CannotUnlockKey
from shared.web.secrets import derived

_NONCE_BYTES = 12


def lock(text: str, *, secret: bytes, whose: str) -> bytes:
    """The text as it may lie in a database; bound to `whose` it is, so that rows cannot be swapped."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + _cipher(secret).encrypt(nonce, text.encode(), whose.encode())


def unlock(locked: bytes, *, secret: bytes, whose: str) -> str:
    """The text inside; `cannot_unlock_key` when the secret is another one or a bit has changed."""
    try:
        return _cipher(secret).decrypt(locked[:_NONCE_BYTES], locked[_NONCE_BYTES:], whose.encode()).decode()
    except (InvalidTag, ValueError):
        raise CannotUnlockKey(kid=whose) from None


def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(derived(secret, "wechatpay keys"))
