"""The installation's secret: what unlocks server-held keys and signs cookies' tokens."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from shared.config import Config

_SHORTEST = 16


def load_secret(config: Config) -> bytes:
    """`SAOMA_SECRET`, or the 32 bytes in `<data folder>/secret`, made at first use and readable by the owner alone."""
    found = kept_secret(config)
    if found is not None:
        return found
    config.data_dir.mkdir(parents=True, exist_ok=True)
    _make(secret_file(config), secrets.token_bytes(32))
    return load_secret(config)


def kept_secret(config: Config) -> bytes | None:
    """The secret, where there is one already."""
    from_environment = os.environ.get("SAOMA_SECRET")
    if from_environment:
        if len(from_environment.encode()) < _SHORTEST:
            raise ValueError(f"SAOMA_SECRET must have at least {_SHORTEST} bytes.")
        return from_environment.encode()
    path = secret_file(config)
    if not path.exists():
        return None
    secret = bytes.fromhex(path.read_text().strip())
    if len(secret) < _SHORTEST:
        raise ValueError(f"{path} is damaged: restore it from a backup, or start with an empty data folder.")
    return secret


def secret_file(config: Config) -> Path:
    """Where the secret lies when the environment does not give it."""
    return config.data_dir / "secret"


def put_secret(config: Config, secret: bytes, *, aside: str) -> None:
    """Put the secret of a restored database in place; another one that lies there is kept beside it as `aside`."""
    path = secret_file(config)
    config.data_dir.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.rename(path.with_name(aside))
    _make(path, secret)


def _make(path: Path, secret: bytes) -> None:
    """Put a secret at `path`, whole or not at all; when another process was faster, its secret stays."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".secret-")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secret.hex())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        os.unlink(name)


def derived(secret: bytes, purpose: str) -> bytes:
    """A key for one purpose, so that no token made for one can pass for another."""
    return hmac.new(secret, purpose.encode(), hashlib.sha256).digest()
