"""What every door of the till reaches for: the store, the settings, the secret, the signers, a code as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request

from merchant.shops.signers import Signers
from shared.codes import frame as frames
from shared.config import Config
from shared.db.store import Store
from shared.money import Currency

Result = TypeVar("Result")


def store() -> Store:
    """The store of the running service."""
    found: Store = current_app.extensions["saoma_store"]
    return found


def run(action: Callable[..., Result], /, **args: Any) -> Result:
    """Run an action in the store's next batch."""
    return store().run(action, **args)


def read(query: Callable[..., Result], /, **args: Any) -> Result:
    """Run a query beside the writer."""
    return store().read(query, **args)


def signers() -> Signers:
    """The shops' keys, unlocked once a process."""
    found: Signers = current_app.extensions["saoma_signers"]
    return found


def config() -> Config:
    """The settings of the installation."""
    found: Config = current_app.config["SAOMA_CONFIG"]
    return found


def secret() -> bytes:
    """What unlocks the keys that the server holds."""
    found: bytes = current_app.config["SAOMA_SECRET_BYTES"]
    return found


def unit() -> Currency:
    """The currency of this installation."""
    return config().currency


def code_text(frame: bytes) -> str:
    """A frame as the text that is drawn: a link to the wallet's public address."""
    return frames.code_text(config().wallet_url, frame)


def address() -> str:
    """The network address that this request came from."""
    return request.remote_addr or "unknown"


def home(path: str = "") -> str:
    """An address of this service, under the prefix that it is mounted at."""
    return f"{request.script_root}/{path}"
