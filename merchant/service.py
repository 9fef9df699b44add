"""What every door of the till reaches for: its service, the shops' keys, and the text around a frame."""

from __future__ import annotations

from flask import current_app, request

from merchant.shops.signers import Signers
from shared.codes import frame as frames
from shared.web.service import address, config, read, run, secret, store, unit

__all__ = ["address", "code_text", "config", "home", "read", "run", "secret", "signers", "store", "unit"]


def signers() -> Signers:
    """The shops' keys, unlocked once a process."""
    found: Signers = current_app.extensions["saoma_signers"]
    return found


def code_text(frame: bytes) -> str:
    """A frame as the text that is drawn: a link to the wallet's public address."""
    return frames.code_text(config().wallet_url, frame)


def home(path: str = "") -> str:
    """An address of this service, under the prefix that it is mounted at."""
    return f"{request.script_root}/{path}"
