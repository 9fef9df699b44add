"""Coming back: a known person on a new phone, by PIN or by a launcher's ticket, or with a new key on the same phone.

The account and its balance are the person's; a key is only what one phone signs with. Losing it loses nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from shared import events
from shared.db.once import once
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.errors import IdempotencyConflict, NotAllowed
from shared.identity import keys, parties
from shared.identity.parties import Known
from shared.web import sessions, tickets, visits
from shared.web.sessions import Session
from wallet.users import actions, pins
from wallet.users.actions import Card

SEEDED = ("ana", "li")
"""The handles of the people that the launcher may sign visitors in as."""


class SignInRefused(NotAllowed):
    """This handle and this PIN do not go together. Which of the two is wrong is not told."""

    code = "sign_in_refused"


class DeviceRevoked(sessions.NotSignedIn):
    """The key that this browser's session held was given up on another device."""

    code = "device_revoked"


@dataclass(frozen=True, slots=True)
class Left:
    """Whose browser this was until its session ended, and whether its key was given up with it."""

    handle: str
    is_revoked: bool


def left(reader: Reader, *, token_hash: str | None) -> Left | None:
    """Who was signed in by a token that is good no more; None for one that never was."""
    session = visits.ended(reader, token_hash=token_hash, service="wallet") if token_hash else None
    if session is None:
        return None
    key = keys.find(reader, kid=session.holder)
    return Left(parties.by_id(reader, id=session.party_id).handle, key is not None and key.revoked_at is not None)


def of_ticket(store: Store, *, text: str, secret: bytes) -> Known:
    """Whom a launcher's ticket lets in. Uses nothing up."""
    return store.read(parties.by_handle, handle=tickets.opened(text, secret, only=SEEDED).who)


def join_by_ticket(store: Store, *, text: str, card_text: str | None, secret: bytes) -> tuple[Known, str, str]:
    """Sign a seeded person in by a launcher's ticket, once; who, the name of their key, and the session's token."""
    ticket = tickets.opened(text, secret, only=SEEDED)
    person = store.read(parties.by_handle, handle=ticket.who)
    card, token = card_of(store, person, card_text, secret), sessions.new_token()
    # Each visit has another token, so a ticket that comes again is another request under a used key.
    first_time_only = once("wallet-ticket", ticket.nonce, _fingerprint(token), admit, lambda _: {})
    try:
        store.run(first_time_only, party_id=person.id, card=card, token=token)
    except IdempotencyConflict:
        raise tickets.BadTicket() from None
    return person, card.public_key.kid_hex, token


def sign_in(
    store: Store, *, handle: str, pin: str, address: str, secret: bytes, device: str = ""
) -> tuple[Known, str, str, str]:
    """Sign a person in by handle and PIN, with a key that the server holds until the phone brings its own.

    Who, the key's name, the session's token, and a confirmation that `replace_key` takes.
    """
    person = store.read(parties.by_handles, handles=[handle]).get(handle)
    try:
        if person is None or person.kind != "user":
            pins.refuse_stranger(store, who=handle, pin=pin, address=address, counted_as="wallet-sign-in")
            raise pins.PinNotSet()
        confirmation = pins.confirm(store, party_id=person.id, pin=pin, address=address, counted_as="wallet-sign-in")
    except (pins.WrongPin, pins.PinNotSet) as refusal:
        raise SignInRefused(**refusal.params) from None
    card, token = card_of(store, person, None, secret), sessions.new_token()
    store.run(admit, party_id=person.id, card=card, token=token, device=device)
    return person, card.public_key.kid_hex, token, confirmation


def replace_key(
    store: Store, *, session: Session, card_text: str | None, confirmation: str | None, secret: bytes
) -> tuple[str, str]:
    """Give the person of a session a new key in place of the session's; its name, and the new session's token."""
    person = store.read(parties.by_id, id=session.party_id)
    card, token = card_of(store, person, card_text, secret), sessions.new_token()
    store.run(swap_key, session=session, card=card, token=token, confirmation=confirmation)
    return card.public_key.kid_hex, token


def admit(uow: UnitOfWork, *, party_id: str, card: Card, token: str, device: str = "") -> None:
    """Start a session for a person's phone, enrolling its key unless it is enrolled for them already.

    The person's other phones hear of it where `device` says what came in.
    """
    known = keys.find(uow, kid=card.public_key.kid_hex)
    if known is None or known.party_id != party_id:
        actions.enroll_key(uow, party_id=party_id, card=card)
    sessions.start(uow, token=token, service="wallet", party_id=party_id, holder=card.public_key.kid_hex)
    if device:
        uow.emit("device.added", [events.party_topic(party_id)], device=device)


def swap_key(uow: UnitOfWork, *, session: Session, card: Card, token: str, confirmation: str | None) -> None:
    """Enroll a key, start its session, give up the old key and end its sessions. Where a PIN is set, only with it."""
    held = keys.find(uow, kid=session.holder)
    if held is None or held.revoked_at is not None:  # given up since the session was looked at
        raise sessions.NotSignedIn()
    pins.spend(uow, party_id=session.party_id, confirmation=confirmation)
    keys.revoke(uow, party_id=session.party_id, kid=session.holder)
    sessions.end_of_holder(uow, party_id=session.party_id, holder=session.holder)
    actions.enroll_key(uow, party_id=session.party_id, card=card)
    sessions.start(uow, token=token, service="wallet", party_id=session.party_id, holder=card.public_key.kid_hex)


def card_of(store: Store, person: Known, card_text: str | None, secret: bytes) -> Card:
    """The card that came from a phone, or one of a key that is made and held here."""
    if card_text is None:
        return store.read(actions.server_card, handle=person.handle, display_name=person.display_name, secret=secret)
    return store.read(actions.device_card, text=card_text, handle=person.handle, display_name=person.display_name)


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
