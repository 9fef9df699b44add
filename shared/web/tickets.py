"""The launcher's tickets: a signed, short-lived, one-time word that signs this computer's browser in, in demo mode.

The launcher makes them with the installation's secret, for visitors of this computer alone. Whoever holds one is who it
names; so each is good for five minutes and for one use.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

from shared.errors import NotAllowed
from shared.web.secrets import derived

MAX_AGE_S = 300
_SALT = "saoma-join"


class BadTicket(NotAllowed):
    """A ticket that is not the launcher's, too old, used before, or for nobody here."""

    code = "bad_ticket"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whom it lets in, and the number under which it is used up."""

    who: str
    nonce: str


def made(secret: bytes, who: str) -> str:
    """A fresh ticket that lets a browser in as `who`."""
    text: str | bytes = _serializer(secret).dumps({"who": who, "n": secrets.token_urlsafe(12)})
    return text if isinstance(text, str) else text.decode()


def opened(text: str, secret: bytes, *, only: tuple[str, ...]) -> Ticket:
    """The ticket in a text, when it is for one of `only`; `bad_ticket` otherwise. Using it up is the caller's."""
    try:
        said = _serializer(secret).loads(text, max_age=MAX_AGE_S)
        ticket = Ticket(said["who"], said["n"])
    except (BadSignature, KeyError, TypeError):
        raise BadTicket() from None
    if ticket.who not in only or not isinstance(ticket.nonce, str) or not ticket.nonce:
        raise BadTicket()
    return ticket


def launchers_key(secret: bytes) -> str:
    """What the launcher shows to the services when it asks what happened: good in demo mode only."""
    return derived(secret, "launcher").hex()


def _serializer(secret: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=_SALT)
