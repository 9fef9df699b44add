"""Who is signed in, as their own pages and phones see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.codes import frame as frames
from shared.db import outbox
from shared.db.unit import Reader
from shared.identity import keys, parties
from shared.ledger import accounts, chart
from shared.payments import limits
from wallet.users import pins


@dataclass(frozen=True, slots=True)
class Me:
    """The signed-in person on this device. Amounts in minor units of `currency`; `card` is the key's card in digits.

    `balance_minor` is what may be spent; `held_minor` is set aside besides, for shops that take it later. A payer code
    is good for `cap_minor`.
    """

    user: str
    handle: str
    display_name: str
    kid: str
    custody: str
    has_pin: bool
    no_pin_limit_minor: int
    daily_limit_minor: int | None
    cap_minor: int
    balance_minor: int
    held_minor: int
    is_frozen: bool
    currency: str
    realm: str
    now_ms: int
    card: str

    def as_json(self, base_url: str) -> dict[str, Any]:
        """Everything, with the card as code text."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "card"}
        return plain | {"card": f"{base_url}/q#{self.card}"}


def me(reader: Reader, *, party_id: str, kid: str) -> Me:
    """The person and the key that a session names."""
    person = parties.by_id(reader, id=party_id)
    key = keys.find(reader, kid=kid)
    assert key is not None, "a session's key is never deleted"
    _, has_pin = pins.limits(reader, party_ids=[party_id])[party_id]
    mine = limits.of(reader, party_id=party_id)
    account = accounts.balance(reader, code=chart.user_account(party_id))
    return Me(
        user=party_id,
        handle=person.handle,
        display_name=person.display_name,
        kid=kid,
        custody=key.custody,
        has_pin=has_pin,
        no_pin_limit_minor=mine.no_pin_minor,
        daily_limit_minor=mine.daily_minor,
        cap_minor=mine.cap_minor,
        balance_minor=account.balance_minor,
        held_minor=account.debits_pending,
        is_frozen=person.self_frozen_at is not None,
        currency=account.currency,
        realm=outbox.realm(reader),
        now_ms=reader.now,
        card=key.card,
    )


def card_frame(me: Me) -> bytes:
    """The contact card of the key in hand, as a frame."""
    return frames.frame_of_text(me.card)
