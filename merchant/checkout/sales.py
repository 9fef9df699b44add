"""Sales as their shop sees them: intents with the payer's initial, the scans, the transfer that paid them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from shared import clock
from shared.codes import frame as frames
from shared.db import outbox
from shared.db.unit import Reader
from shared.identity import names, parties
from shared.ids import is_id
from shared.ledger import transfers
from shared.payments import intents, refunds
from shared.payments.intents import PaymentIntent
from shared.payments.models import ScanRow
from shared.payments.refunds import Refund
from shared.payments.states import IntentState

REFUNDS = 100
"""So many refunds stand on a page of the API."""
_SHOWN_AS = {
    IntentState.CAPTURED: "paid",
    IntentState.CANCELED: "canceled",
    IntentState.AUTHORIZED: "authorized",
    IntentState.VOIDED: "released",
    IntentState.REQUIRES_CONFIRMATION: "asked",
    IntentState.DECLINED: "declined",
    IntentState.UNKNOWN: "pending",
}


@dataclass(frozen=True, slots=True)
class Scan:
    """Somebody opened the sale's code: who, as a shop may see it (`A***`), and when (ms)."""

    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale as it stands. `payer` is an initial with stars, None while nobody has paid."""

    intent: PaymentIntent
    payer: str | None
    scanned_by: str | None = None

    def as_json(self, wallet_url: str) -> dict[str, Any]:
        """The payment intent as the API and the till's scripts get it."""
        intent = self.intent
        return {
            "id": intent.id,
            "object": "payment_intent",
            "status": intent.state.value,
            "amount_minor": intent.amount_minor,
            "currency": intent.currency,
            "reference": intent.reference,
            "memo": intent.memo,
            "code": frames.code_text(wallet_url, intent.code) if intent.code else None,
            "created_at": clock.rfc3339(intent.created_at),
            "expires_at": clock.rfc3339(intent.expires_at),
            "scanned_by": self.scanned_by,
            "payer": self.payer,
            "transfer": intent.transfer_id,
            "capture_method": intent.capture_method,
            "amount_captured_minor": intent.captured_minor,
            "amount_refunded_minor": intent.refunded_minor,
            "authorized_until": clock.rfc3339(intent.authorized_until) if intent.authorized_until else None,
        }


@dataclass(frozen=True, slots=True)
class Detail:
    """A sale with everything that happened to it; `last_seq` is the newest event that this picture includes."""

    sale: Sale
    scans: Sequence[Scan]
    hold: transfers.Transfer | None
    transfer: transfers.Transfer | None
    refunds: Sequence[Refund]
    last_seq: int
    now: int

    @property
    def shown_state(self) -> str:
        """What a checkout page and a customer's display show."""
        return shown_state(self.sale, self.now)

    @property
    def is_paid_late(self) -> bool:
        """Whether the payment was on its way when the code's time ended, and came within the minute that counts."""
        intent = self.sale.intent
        is_paid_at_once = intent.state is IntentState.CAPTURED and intent.hold_id is None and bool(intent.code)
        return is_paid_at_once and (intent.closed_at or 0) > intent.expires_at

    def as_json(self, wallet_url: str) -> dict[str, Any]:
        """The sale as the checkout's script follows it: with how many scanned its code, and the service's time."""
        return self.sale.as_json(wallet_url) | {
            "scans": len(self.scans),
            "is_paid_late": self.is_paid_late,
            "now": clock.rfc3339(self.now),
        }


def refund_as_json(refund: Refund) -> dict[str, Any]:
    """A refund as the API and the till's scripts get it."""
    return {
        "id": refund.id,
        "object": "refund",
        "payment_intent": refund.intent_id,
        "status": refund.state,
        "amount_minor": refund.amount_minor,
        "currency": refund.currency,
        "reason": refund.reason,
        "transfer": refund.transfer_id,
        "created_at": clock.rfc3339(refund.created_at),
    }


def shown_state(sale: Sale, now: int) -> str:
    """What pages show of a sale at a time (ms): the intent's state, told apart by scans and by the time."""
    intent = sale.intent
    if intent.state is IntentState.EXPIRED:
        return "released" if intent.authorized_until else "expired"
    waiting = "late" if now >= intent.expires_at else "scanned" if sale.scanned_by else "waiting"
    return _SHOWN_AS.get(intent.state, waiting)


def told(reader: Reader, intent: PaymentIntent) -> Sale:
    """The sale around an intent."""
    payer = parties.by_id(reader, id=intent.payer_id) if intent.payer_id else None
    return Sale(
        intent.as_of(reader.now),
        names.initial_only(payer.display_name) if payer else None,
        intents.last_scan(reader, intent_id=intent.id),
    )


def sale_of_shop(reader: Reader, *, id: str, shop_id: str) -> Sale:
    """One sale of this shop; another shop's does not exist for it (`unknown_intent`)."""
    return told(reader, intents.of_shop(reader, id=checked(id), shop_id=shop_id))


def refunds_of(reader: Reader, *, id: str, shop_id: str, after: str | None) -> tuple[list[Refund], bool]:
    """A page of the refunds of one sale of this shop, those after refund `after` when given; whether there are more."""
    intents.of_shop(reader, id=checked(id), shop_id=shop_id)
    last = refunds.of_shop(reader, id=after, shop_id=shop_id) if after is not None else None
    found = refunds.of_intent(reader, intent_id=id, after=last, limit=REFUNDS + 1)
    return found[:REFUNDS], len(found) > REFUNDS


def detail(reader: Reader, *, id: str, shop_id: str) -> Detail:
    """One sale of this shop with its history, all of one moment."""
    sale = sale_of_shop(reader, id=id, shop_id=shop_id)
    hold_id, transfer_id = sale.intent.hold_id or "", sale.intent.transfer_id or ""
    found = transfers.by_ids(reader, ids=[hold_id, transfer_id])
    return Detail(
        sale,
        _scans(reader, intent_id=id),
        found.get(hold_id),
        found.get(transfer_id),
        refunds.of_intent(reader, intent_id=id),
        outbox.last_seq(reader),
        reader.now,
    )


def checked(id: str) -> str:
    """An intent's id that looks like one; a page or an API caller may ask for anything."""
    if not is_id(id, "pi"):
        raise intents.UnknownIntent()
    return id


def _scans(reader: Reader, *, intent_id: str) -> list[Scan]:
    rows = reader.all(
        select(ScanRow.party_id, ScanRow.scanned_at)
        .where(ScanRow.intent_id == intent_id)
        .order_by(ScanRow.scanned_at, ScanRow.party_id)
    )
    known = parties.by_ids(reader, ids=[row.party_id for row in rows])
    return [Scan(names.initial_only(known[row.party_id].display_name), row.scanned_at) for row in rows]
