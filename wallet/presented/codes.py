"""Payer codes of the person of a session: opened as theirs, or sealed here where the server holds their key."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from shared import clock, money
from shared.codes import frame as frames
from shared.codes import payloads, seal
from shared.db import outbox
from shared.db.unit import Reader
from shared.errors import NotAllowed
from shared.identity import keys, parties
from shared.ledger import accounts, chart
from shared.payments import intents, limits, orders, payer_codes
from shared.payments.intents import PaymentIntent
from shared.web.sessions import Session


class NotYourCode(NotAllowed):
    """The payer code was sealed by somebody else than the person who is signed in."""

    code = "not_your_code"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a shop asks this phone to confirm: the intent, and the shop as the registry knows it."""

    intent: PaymentIntent
    shop: parties.Known

    def as_json(self) -> dict[str, Any]:
        """The request as the phone's pages get it. An order with subject `jti` confirms it."""
        intent, shop = self.intent, self.shop
        return {
            "intent": intent.id,
            "shop": {
                "handle": shop.handle,
                "display_name": shop.display_name,
                "verified": shop.verified_at is not None,
            },
            "amount_minor": intent.amount_minor,
            "currency": intent.currency,
            "jti": intent.jti,
            "capture_method": intent.capture_method,
            "reference": intent.reference,
            "memo": intent.memo,
            "expires_at": clock.rfc3339(intent.expires_at),
        }


def opened(reader: Reader, *, session: Session, text: str) -> seal.Opened:
    """A payer code that a phone of this person has sealed; its times and its key are judged where it is used."""
    found = orders.open_as_of(reader, frames.frame_of_text(text), at_ms=None, now_s=None)
    payer_codes.payer_code(found)
    if found.sealed_by is None or found.sealed_by.party_id != session.party_id:
        raise NotYourCode()
    return found


def sealed(reader: Reader, *, session: Session, secret: bytes) -> tuple[bytes, payloads.PayerCode]:
    """A fresh payer code by the session's key, where this server holds it; `no_server_key` otherwise.

    Its counter is the time in milliseconds, which only grows.
    """
    unit = money.currency(accounts.balance(reader, code=chart.user_account(session.party_id)).currency)
    code = payloads.PayerCode(
        currency=unit.numeric,
        issued_at_s=reader.now // 1000,
        ttl_s=payloads.PayerCode.max_ttl_s,
        jti=secrets.token_bytes(8),
        counter=reader.now,
        cap_minor=limits.of(reader, party_id=session.party_id).cap_minor,
    )
    signer = keys.server_signer(reader, party_id=session.party_id, secret=secret, kid=session.holder)
    return seal.seal(code, signer, outbox.realm(reader)), code


def asked(reader: Reader, *, party_id: str) -> list[Asked]:
    """The charges that wait for this person, oldest first."""
    found = intents.awaiting(reader, party_id=party_id)
    shops = parties.by_ids(reader, ids=[intent.shop_id for intent in found])
    return [Asked(intent, shops[intent.shop_id]) for intent in found]
