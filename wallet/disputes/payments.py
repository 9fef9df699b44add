"""Which of somebody's payments can be disputed, and which are: what a receipt's page needs to know."""

from __future__ import annotations

from dataclasses import dataclass

from shared.db.unit import Reader
from shared.disputes import queries
from shared.disputes.queries import Dispute
from shared.disputes.states import DAY_MS, OPEN_DAYS, DisputeState
from shared.ledger import transfers
from shared.payments.intents import PaymentIntent
from shared.payments.states import IntentState
from wallet.history.queries import Settled

_PAYS = ("pay", "charge", "capture")


@dataclass(frozen=True, slots=True)
class Standing:
    """A payment as it stands about disputes: the newest one, and what one opened now could ask for (0: nothing)."""

    dispute: Dispute | None
    most_minor: int


NONE = Standing(None, 0)


def standing(reader: Reader, *, settled: Settled) -> Standing:
    """How the transfer's payment stands, for its payer."""
    intent = settled.intent
    if intent is None or intent.state is not IntentState.CAPTURED or not _is_theirs(settled):
        return NONE
    found = queries.of_intent(reader, intent_id=intent.id)
    is_over = any(each.is_undecided or each.state in (DisputeState.WON, DisputeState.LOST) for each in found)
    in_time = reader.now <= (intent.closed_at or 0) + OPEN_DAYS * DAY_MS
    most = 0 if is_over or not in_time or settled.transfer.kind not in _PAYS else _left(intent)
    return Standing(found[-1] if found else None, most)


def payment(settled: Settled) -> PaymentIntent:
    """The intent that the viewer paid by this transfer; `no_such_transfer` where they did not."""
    if settled.intent is None or settled.transfer.kind not in _PAYS or not settled.payer.is_me:
        raise transfers.NoSuchTransfer()
    return settled.intent


def _is_theirs(settled: Settled) -> bool:
    return settled.payer.is_me if settled.transfer.kind in _PAYS else settled.transfer.kind in ("refund", "make_good")


def _left(intent: PaymentIntent) -> int:
    return intent.captured_minor - intent.refunded_minor
