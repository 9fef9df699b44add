"""What stands on a customer's display, and what came in at the printed code.

Nothing of it is stored: the display follows the newest code that its terminal's key sealed, the sound box the payments
that were made without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from merchant.checkout import sales
from merchant.checkout.sales import Detail
from merchant.register import queries as register
from merchant.register.queries import Sale
from shared.db import outbox
from shared.db.unit import Reader
from shared.identity import names, parties
from shared.payments import intents
from shared.payments.states import IntentState

SHOWN_MS = 8_000
"""How long the display tells how a sale ended."""
_LOOKS_BACK_MS = intents.LONGEST_TTL_S * 1000 + intents.GRACE_MS + SHOWN_MS
FEED, LONGEST_LOOK_MS = 20, 36 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class OnDisplay:
    """What the customer sees: a sale with what the register knows of it, or None between two.

    It goes at `until` (ms) where that is known.
    """

    found: Detail | None
    sold: Sale | None
    until: int | None
    last_seq: int
    now: int


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment at the printed code: who, as a shop may see it (`A***`), how much, what was given back, when (ms)."""

    id: str
    payer: str
    amount_minor: int
    refunded_minor: int
    currency: str
    memo: str
    at: int


@dataclass(frozen=True, slots=True)
class Feed:
    """The newest payments at the printed code, and what all of them since a moment add up to."""

    payments: Sequence[Payment]
    count: int
    sum_minor: int
    last_seq: int


def on_display(reader: Reader, *, shop_id: str, kid: str) -> OnDisplay:
    """What a display shows that stands beside the till which seals with this key."""
    rows = reader.sql.rows(
        "SELECT id FROM payments_intent WHERE shop_id = :shop AND created_at > :since AND kid = :kid"
        " AND length(code) > 0 ORDER BY created_at DESC, id DESC LIMIT 1",
        shop=shop_id,
        since=reader.now - _LOOKS_BACK_MS,
        kid=kid,
    )
    found = sales.detail(reader, id=rows[0][0], shop_id=shop_id) if rows else None
    until = _until(found) if found else None
    is_over = until is not None and until <= reader.now
    sold = register.of_intent(reader, intent_id=found.sale.intent.id) if found else None
    return OnDisplay(None if is_over else found, sold, until, outbox.last_seq(reader), reader.now)


def feed(reader: Reader, *, shop_id: str, since: int) -> Feed:
    """The payments at a shop's printed code since a moment (ms), which is at most a day and a half ago."""
    moment = max(since, reader.now - LONGEST_LOOK_MS)
    at_code = "FROM payments_intent WHERE shop_id = :shop AND created_at >= :since AND length(code) = 0"
    [[count, total]] = reader.sql.rows(
        f"SELECT count(*), coalesce(sum(captured_minor), 0) {at_code}", shop=shop_id, since=moment
    )
    rows = reader.sql.rows(
        f"SELECT id, payer_id, captured_minor, refunded_minor, currency, memo, created_at {at_code}"
        " ORDER BY created_at DESC, id DESC LIMIT :limit",
        shop=shop_id,
        since=moment,
        limit=FEED,
    )
    payers = parties.by_ids(reader, ids=[row[1] for row in rows])
    payments = [Payment(row[0], names.initial_only(payers[row[1]].display_name), *row[2:]) for row in rows]
    return Feed(payments, int(count), int(total), outbox.last_seq(reader))


def _until(found: Detail) -> int | None:
    """When the display has told enough of a sale; None while it can be paid."""
    intent = found.sale.intent
    if intent.state is IntentState.AUTHORIZED and found.hold is not None:
        return found.hold.created_at + SHOWN_MS
    return None if intent.closed_at is None else intent.closed_at + SHOWN_MS
