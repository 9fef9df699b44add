"""The life of a payment intent: its states and the only ways from one to another."""

from __future__ import annotations

from enum import StrEnum

from shared.errors import Conflict


class IntentState(StrEnum):
    """Where a payment intent stands. Refunds are rows of their own and never change it."""

    REQUIRES_PAYMENT = "requires_payment"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    DECLINED = "declined"
    CANCELED = "canceled"
    EXPIRED = "expired"
    VOIDED = "voided"
    UNKNOWN = "unknown"
    """The outcome could not be learnt yet; every real rail has this state."""


_S = IntentState
TRANSITIONS: dict[IntentState, frozenset[IntentState]] = {
    _S.REQUIRES_PAYMENT: frozenset(
        {_S.REQUIRES_CONFIRMATION, _S.AUTHORIZED, _S.CAPTURED, _S.DECLINED, _S.CANCELED, _S.EXPIRED, _S.UNKNOWN}
    ),
    _S.REQUIRES_CONFIRMATION: frozenset({_S.AUTHORIZED, _S.CAPTURED, _S.DECLINED, _S.CANCELED, _S.EXPIRED, _S.UNKNOWN}),
    _S.AUTHORIZED: frozenset({_S.CAPTURED, _S.VOIDED, _S.EXPIRED, _S.UNKNOWN}),
    _S.UNKNOWN: frozenset({_S.AUTHORIZED, _S.CAPTURED, _S.DECLINED, _S.CANCELED, _S.EXPIRED, _S.VOIDED}),
    _S.CAPTURED: frozenset(),
    _S.DECLINED: frozenset(),
    _S.CANCELED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.VOIDED: frozenset(),
}
FINAL = frozenset(state for state, ways in TRANSITIONS.items() if not ways)


class IntentAlreadyPaid(Conflict):
    """The intent was captured before, by this payer or another; this order moved nothing."""

    code = "already_paid"


class IntentCanceled(Conflict):
    """The shop canceled the intent."""

    code = "intent_canceled"


class OutcomePending(Conflict):
    """Somebody's payment for the intent is being looked into; until that is known nobody else can pay it."""

    code = "outcome_pending"


class IntentClosed(Conflict):
    """The intent is in a state that does not allow this."""

    code = "intent_closed"


def advance(now: IntentState, to: IntentState) -> IntentState:
    """`to`, when there is a way from `now`; otherwise the refusal that says where the intent stands."""
    if to in TRANSITIONS[now]:
        return to
    if now is IntentState.CAPTURED:
        raise IntentAlreadyPaid()
    if now is IntentState.CANCELED:
        raise IntentCanceled()
    raise IntentClosed(state=now.value)
