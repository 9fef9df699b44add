"""Joining: a name, perhaps a PIN, a key, an account with play money, a session; all or nothing."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import insert

from shared import money
from shared.codes import frame as frames
from shared.codes import payloads, seal
from shared.db import outbox
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput
from shared.identity import keys, names, parties, signing
from shared.identity.signing import PrivateKey, PublicKey
from shared.ledger import accounts, chart
from shared.payments import actions as payments
from shared.payments import installation, limits, orders, outcomes
from shared.web import sessions
from wallet.users import pins
from wallet.users.models import Profile

WELCOME_MAJOR = 1000
NO_PIN_LIMIT_MAJOR = 200
THROWS = 20


class CardDoesNotMatch(BadInput):
    """The contact card that came with the sign-up names another person than the sign-up does."""

    code = "card_mismatch"


@dataclass(frozen=True, slots=True)
class Card:
    """A sealed contact card with the key that sealed it; `locked_private` only for a key that the server holds."""

    frame: bytes
    public_key: PublicKey
    locked_private: bytes | None = None


def device_card(reader: Reader, *, text: str, handle: str, display_name: str) -> Card:
    """The card that a phone sealed for itself: proof that it holds the key. Refused when it names somebody else."""
    opened = seal.open_frame(
        frames.frame_of_text(text),
        realm=outbox.realm(reader),
        find_key=lambda kid: keys.find(reader, kid=kid),
        now_s=reader.now // 1000,
    )
    card = opened.payload
    if not isinstance(card, payloads.ContactCard) or (card.handle, card.display_name) != (handle, display_name):
        raise CardDoesNotMatch()
    return Card(opened.frame, PublicKey.from_raw(card.public_key))


def server_card(reader: Reader, *, handle: str, display_name: str, secret: bytes) -> Card:
    """A key made and held here, for a browser that cannot keep one, with the card that it seals."""
    private = PrivateKey.generate()
    card = payloads.ContactCard(
        handle=handle,
        issued_at_s=reader.now // 1000,
        display_name=display_name,
        public_key=private.public_key.raw,
    )
    return Card(seal.seal(card, private, outbox.realm(reader)), private.public_key, signing.lock(private, secret))


def join(
    store: Store,
    *,
    display_name: object,
    handle: object,
    pin: str | None,
    card_text: str | None,
    unit: money.Currency,
    secret: bytes,
) -> tuple[parties.Known, str, str]:
    """Sign a new person up; who they are, the name of their key, and the token of their first session."""
    name = names.check_name(display_name)
    handle = parties.check_handle(handle)
    if handle in outcomes.HANDLES:
        raise parties.HandleTaken(handle=handle)
    pin_hash = pins.hashed(pin) if pin is not None else ""
    if card_text is None:
        card = store.read(server_card, handle=handle, display_name=name, secret=secret)
    else:
        card = store.read(device_card, text=card_text, handle=handle, display_name=name)
    welcome = store.read(welcome_money, handle=handle, unit=unit, secret=secret)
    token = sessions.new_token()
    person = store.run(
        register,
        display_name=name,
        handle=handle,
        pin_hash=pin_hash,
        card=card,
        unit=unit,
        welcome=welcome,
        token=token,
    )
    return person, card.public_key.kid_hex, token


def welcome_money(reader: Reader, *, handle: str, unit: money.Currency, secret: bytes) -> orders.Prepared:
    """The operator's order that gives a new person something to play with."""
    return installation.prepare_top_up(
        reader,
        secret=secret,
        payee=handle,
        amount_minor=WELCOME_MAJOR * 10**unit.exponent,
        unit=unit,
        memo="Welcome",
    )


def register(
    uow: UnitOfWork,
    *,
    display_name: str,
    handle: str,
    pin_hash: str,
    card: Card,
    unit: money.Currency,
    welcome: orders.Prepared,
    token: str | None,
) -> parties.Known:
    """Store a new person with key, account, welcome money and (with a token) a session."""
    person = parties.create_party(uow, kind="user", handle=handle, display_name=display_name)
    enroll_key(uow, party_id=person.id, card=card)
    uow.execute(
        insert(Profile).values(
            party_id=person.id,
            pin_hash=pin_hash,
            created_at=uow.now,
        )
    )
    limit_minor = NO_PIN_LIMIT_MAJOR * 10**unit.exponent
    limits.set_limits(uow, party_id=person.id, no_pin_minor=limit_minor, daily_minor=None)
    accounts.open_account(uow, code=chart.user_account(person.id), currency=unit.code, owner_id=person.id)
    payments.execute(uow, order=welcome)
    if token:
        sessions.start(uow, token=token, service="wallet", party_id=person.id, holder=card.public_key.kid_hex)
    return person


def enroll_key(uow: UnitOfWork, *, party_id: str, card: Card) -> None:
    """Enroll the key of a card as a device key (or a server-held one)."""
    keys.enroll(
        uow,
        party_id=party_id,
        public_key=card.public_key,
        may_seal=keys.DEVICE_MAY_SEAL,
        locked_private=card.locked_private,
        card=frames.code_text("", card.frame).rpartition("#")[2],
    )


def suggested_handle(reader: Reader, *, display_name: object) -> str:
    """A free handle for a name: the name itself in plain letters, with four digits when that is taken.

    Free as far as a few throws can tell: where nearly all are taken, joining itself says so.
    """
    name = names.check_name(display_name)
    for _ in range(THROWS):
        handle = parties.free_handle(reader, display_name=name, suffix=f"{secrets.randbelow(10_000):04d}")
        if not parties.by_handles(reader, handles=[handle]):
            break
    return handle
