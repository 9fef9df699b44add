"""The launcher's tickets: a signed, short-lived, one-time word that lets this computer's browser in as a seeded person.

Only in demo mode. The launcher signs with the installation's secret; whoever holds a ticket is that person.
"""

from __future__ import annotations

from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

from shared.errors import NotAllowed

SALT = "saoma-join"
MAX_AGE_S = 300
SEEDED = ("ana", "li")
"""The handles of the people that the launcher may sign visitors in as."""


class BadTicket(NotAllowed):
    """A ticket that is not the launcher's, too old, used before, or for nobody here."""

    code = "bad_ticket"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whom it lets in, and its one-time number."""

    handle: str
    nonce: str


def opened(text: str, secret: bytes) -> Ticket:
    """The ticket in a text; `bad_ticket` otherwise."""
    try:
        said = URLSafeTimedSerializer(secret, salt=SALT).loads(text, max_age=MAX_AGE_S)
        ticket = Ticket(said["who"], said["n"])
    except (BadSignature, KeyError, TypeError):
        raise BadTicket() from None
    if ticket.handle not in SEEDED or not isinstance(ticket.nonce, str):
        raise BadTicket()
    return ticket
