"""What every door of the wallet reaches for: the store, the settings, the secret, the text around a frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request

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
    """A frame as the text that is drawn: a link to the wallet's public address, never to a persona's."""
    return frames.code_text(config().wallet_url, frame)


def address() -> str:
    """The network address that this request came from."""
    return request.remote_addr or "unknown"
