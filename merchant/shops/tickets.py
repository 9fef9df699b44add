"""The launcher's ticket for the till: a signed, short-lived, one-time word that opens the demo shop's till.

Only in demo mode. The launcher signs with the installation's secret, on this computer, for this computer's browsers.
"""

from __future__ import annotations

import hashlib

from itsdangerous import BadSignature, URLSafeTimedSerializer

from merchant.shops import cashiers
from shared.db.once import once
from shared.db.store import Store
from shared.db.unit import Reader
from shared.errors import IdempotencyConflict, NotAllowed
from shared.identity import parties
from shared.web import sessions

SALT = "saoma-join"
MAX_AGE_S = 300
WHO = "till"
DEMO_SHOP = "corner-tea"


class TicketRefused(NotAllowed):
    """A ticket that is not the launcher's, too old, used before, or not for the till."""

    code = "ticket_refused"


def join(store: Store, *, text: str, secret: bytes) -> str:
    """Sign the demo shop's first cashier in by a launcher's ticket, once; the token of the session."""
    nonce = _opened(text, secret)
    cashier = store.read(_demo_cashier)
    token = sessions.new_token()
    # Each visit has another token, so a ticket that comes again is another request under a used key.
    fingerprint = hashlib.sha256(token.encode()).hexdigest()
    try:
        store.run(
            once("till-ticket", nonce, fingerprint, cashiers.start_session, lambda _: {}), token=token, cashier=cashier
        )
    except IdempotencyConflict:
        raise TicketRefused() from None
    return token


def _opened(text: str, secret: bytes) -> str:
    """The ticket's one-time number."""
    try:
        said = URLSafeTimedSerializer(secret, salt=SALT).loads(text, max_age=MAX_AGE_S)
        who, nonce = said["who"], said["n"]
    except (BadSignature, KeyError, TypeError):
        raise TicketRefused() from None
    if who != WHO or not isinstance(nonce, str) or not nonce:
        raise TicketRefused()
    return nonce


def _demo_cashier(reader: Reader) -> cashiers.KnownCashier:
    shop = parties.by_handle(reader, handle=DEMO_SHOP)
    return cashiers.of_shop(reader, shop_id=shop.id)[0]
