"""What every door of the till reaches for: its service, who stands there, the keys, and the text around a frame."""

from __future__ import annotations

from flask import current_app, g, request

from merchant import standing
from merchant.shops.signers import Signers
from merchant.standing import At
from shared.codes import frame as frames
from shared.web import security, sessions
from shared.web.service import address, config, read, run, secret, store, unit

__all__ = [
    "address", "at", "browser_token", "code_text", "config", "home", "read", "run", "secret", "signers", "store",
    "unit",
]  # fmt: skip
TERMINAL = "terminal"
"""The cookie that says which terminal a browser is."""


def at() -> At:
    """Who stands here: shop, member, role, terminal, shift; read once a request. `not_signed_in` without a session."""
    if "at" not in g:
        g.at = read(standing.find, session=sessions.required(), token=browser_token())
    found: At = g.at
    return found


def browser_token() -> str:
    """What this browser says to be known as a terminal; empty when it is none of its own."""
    names = (security.cookie_name(TERMINAL), security.plain_cookie_name(TERMINAL))
    return next((request.cookies[name] for name in names if request.cookies.get(name)), "")


def signers() -> Signers:
    """The shops' and the terminals' keys, unlocked once a process."""
    found: Signers = current_app.extensions["saoma_signers"]
    return found


def code_text(frame: bytes) -> str:
    """A frame as the text that is drawn: a link to the wallet's public address."""
    return frames.code_text(config().wallet_url, frame)


def home(path: str = "") -> str:
    """An address of this service, under the prefix that it is mounted at."""
    return f"{request.script_root}/{path}"
