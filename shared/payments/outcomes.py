"""Which outcome a test asks for: by the amount, by a word in the memo, or by who pays. Sandboxes only.

The one table of it all. An order says by `plays` whether it came in at a sandbox; anywhere else nothing here is asked.
What each outcome does is staging.py's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shared.errors import Conflict, DomainError
from shared.payments.intents import PaymentIntent
from shared.payments.states import IntentState


class Outcome(StrEnum):
    """How a payment ends that asks for it."""

    DECLINED = "declined"
    INSUFFICIENT = "insufficient"
    NEEDS_CONFIRMATION = "needs_confirmation"
    TIMES_OUT = "times_out"
    SUCCEEDS_LATE = "succeeds_late"
    UNKNOWN_THEN_SUCCEEDS = "unknown_then_succeeds"
    UNKNOWN_THEN_FAILS = "unknown_then_fails"
    PAID_TWICE = "paid_twice"
    SCANNED_AND_ABANDONED = "scanned_and_abandoned"
    SUCCEEDS = "succeeds"


class Staged(Conflict):
    """The payment asks for an outcome: it is played, not executed. Whoever takes orders of a sandbox handles this."""

    code = "outcome_asked"


class PaymentDeclined(Conflict):
    """The payment was declined; nothing was taken."""

    code = "payment_declined"


class PaymentTimedOut(DomainError):
    """No decision came in time; nothing was taken."""

    code = "payment_timed_out"
    status = 504


class PaymentAbandoned(Conflict):
    """Whoever scanned this walked away without paying."""

    code = "payment_abandoned"


@dataclass(frozen=True, slots=True)
class Row:
    """The three ways to ask for an outcome: an amount (minor units), a word of the memo, a test payer's handle.

    `status` is how the intent then stands, `ends_as` how it ends, `told` the code that the payer's phone is refused by.
    """

    outcome: Outcome
    amount_minor: int
    status: str
    ends_as: str
    told: str = ""

    @property
    def note(self) -> str:
        """The word of the memo: `#times-out`."""
        return "#" + self.outcome.value.replace("_", "-")

    @property
    def payer(self) -> str:
        """The handle of the test payer with whom every payment ends so."""
        name = "pays" if self.outcome is Outcome.SUCCEEDS else self.outcome.value
        return TEST_HANDLE + name.replace("_", "-")


TEST_HANDLE = "test-"
_O, _S = Outcome, IntentState
TABLE = (
    Row(_O.DECLINED, 9901, _S.DECLINED, _S.DECLINED, "payment_declined"),
    Row(_O.INSUFFICIENT, 9902, _S.REQUIRES_PAYMENT, _S.EXPIRED, "insufficient_funds"),
    Row(_O.NEEDS_CONFIRMATION, 9903, _S.REQUIRES_CONFIRMATION, _S.CAPTURED),
    Row(_O.TIMES_OUT, 9904, _S.REQUIRES_PAYMENT, _S.EXPIRED, "payment_timed_out"),
    Row(_O.SUCCEEDS_LATE, 9905, _S.UNKNOWN, _S.CAPTURED),
    Row(_O.UNKNOWN_THEN_SUCCEEDS, 9906, _S.UNKNOWN, _S.CAPTURED),
    Row(_O.UNKNOWN_THEN_FAILS, 9907, _S.UNKNOWN, _S.DECLINED),
    Row(_O.PAID_TWICE, 9908, _S.CAPTURED, _S.CAPTURED),
    Row(_O.SCANNED_AND_ABANDONED, 9909, _S.REQUIRES_PAYMENT, _S.EXPIRED, "payment_abandoned"),
    Row(_O.SUCCEEDS, 9910, _S.CAPTURED, _S.CAPTURED),
)
BY_PAYER = {row.payer: row.outcome for row in TABLE if row.outcome is not Outcome.SUCCEEDS}
"""Who always pays so; `test-pays` pays like anybody, as the amount and the memo ask."""
HANDLES = frozenset(row.payer for row in TABLE)
"""The test payers' handles, which nobody else can have: this server signs for whoever goes by them."""
_BY_NOTE = {row.note: row.outcome for row in TABLE}
_BY_AMOUNT = {row.amount_minor: row.outcome for row in TABLE}
_LOWEST, _HIGHEST = min(_BY_AMOUNT), max(_BY_AMOUNT)
_IN_PLAY = (IntentState.REQUIRES_PAYMENT, IntentState.REQUIRES_CONFIRMATION)


def asked_by(intent: PaymentIntent, payer_handle: str) -> Outcome | None:
    """The outcome that paying this intent asks for, by its payer, its memo, its amount, in this order; None: none."""
    if not (_LOWEST <= intent.amount_minor <= _HIGHEST or "#" in intent.memo or payer_handle.startswith(TEST_HANDLE)):
        return None
    named = [BY_PAYER.get(payer_handle), *(_BY_NOTE.get(word) for word in intent.memo.split())]
    asked = next((outcome for outcome in named if outcome), _BY_AMOUNT.get(intent.amount_minor))
    is_played = intent.state in _IN_PLAY and bool(intent.code) and asked is not Outcome.SUCCEEDS
    if asked is Outcome.NEEDS_CONFIRMATION and intent.state is IntentState.REQUIRES_CONFIRMATION:
        return None
    return asked if is_played else None
