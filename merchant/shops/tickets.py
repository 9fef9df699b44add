"""The launcher's ticket for the till: signs the demo shop's first member in, once."""

from __future__ import annotations

import hashlib

from merchant.staff import members, signing_in
from merchant.staff.members import KnownMember
from shared.db.once import once
from shared.db.store import Store
from shared.db.unit import Reader
from shared.errors import IdempotencyConflict
from shared.identity import parties
from shared.web import sessions, tickets

WHO = "till"
DEMO_SHOP = "corner-tea"


def join(store: Store, *, text: str, secret: bytes) -> str:
    """Sign the demo shop's first member in by a launcher's ticket, once; the token of the session."""
    nonce = tickets.opened(text, secret, only=(WHO,)).nonce
    cashier = store.read(_first_member)
    token = sessions.new_token()
    # Each visit has another token, so a ticket that comes again is another request under a used key.
    fingerprint = hashlib.sha256(token.encode()).hexdigest()
    try:
        store.run(
            once("till-ticket", nonce, fingerprint, signing_in.start_session, lambda _: {}), token=token, member=cashier
        )
    except IdempotencyConflict:
        raise tickets.BadTicket() from None
    return token


def _first_member(reader: Reader) -> KnownMember:
    shop = parties.by_handle(reader, handle=DEMO_SHOP)
    return members.of_shop(reader, shop_id=shop.id)[0]
