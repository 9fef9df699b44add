"""What every door reaches for in the service that it belongs to: the store, the settings, the secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request

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


def address() -> str:
    """The network address that this request came from."""
    return request.remote_addr or "unknown"
