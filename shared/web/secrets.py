"""The installation's secret: what unlocks server-held keys and signs cookies' tokens."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets

from shared.config import Config


def load_secret(config: Config) -> bytes:
    """`SAOMA_SECRET`, or the 32 bytes in `<data folder>/secret`, made at first use and readable by the owner alone."""
    from_environment = os.environ.get("SAOMA_SECRET")
    if from_environment:
        return from_environment.encode()
    path = config.data_dir / "secret"
    config.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(path.read_text().strip())
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    return bytes.fromhex(path.read_text().strip())


def derived(secret: bytes, purpose: str) -> bytes:
    """A key for one purpose, so that no token made for one can pass for another."""
    return hmac.new(secret, purpose.encode(), hashlib.sha256).digest()
