"""The life of a dispute: its states, the only ways from one to another, and why a payer may complain. Pure."""

from __future__ import annotations

from enum import StrEnum

from shared.errors import Conflict

DAY_MS = 86_400_000
OPEN_DAYS, ANSWER_DAYS = 60, 7
"""A payment can be disputed for so many days, and the shop has so many to answer."""


class DisputeState(StrEnum):
    """Where a dispute stands. Won and lost are the shop's."""

    OPEN = "open"
    ANSWERED = "answered"
    WON = "won"
    LOST = "lost"
    WITHDRAWN = "withdrawn"
    REFUNDED = "refunded"
    """The shop has given back meanwhile what the payer wanted."""


class Reason(StrEnum):
    """Why a payer complains."""

    NOT_RECEIVED = "not_received"
    NOT_AS_DESCRIBED = "not_as_described"
    WRONG_AMOUNT = "wrong_amount"
    PAID_TWICE = "paid_twice"
    NOT_ME = "not_me"
    OTHER = "other"


_S = DisputeState
TRANSITIONS: dict[DisputeState, frozenset[DisputeState]] = {
    _S.OPEN: frozenset({_S.ANSWERED, _S.LOST, _S.WITHDRAWN, _S.REFUNDED}),
    _S.ANSWERED: frozenset({_S.WON, _S.LOST, _S.WITHDRAWN, _S.REFUNDED}),
    _S.WON: frozenset(),
    _S.LOST: frozenset(),
    _S.WITHDRAWN: frozenset(),
    _S.REFUNDED: frozenset(),
}
UNDECIDED = frozenset(state for state, ways in TRANSITIONS.items() if ways)


class DisputeClosed(Conflict):
    """The dispute has ended and does not change any more. `state` says how it ended."""

    code = "dispute_closed"


class DisputeAnswered(Conflict):
    """The shop has answered already."""

    code = "dispute_answered"


class AwaitsAnswer(Conflict):
    """The shop still has time to answer: nobody decides before that."""

    code = "dispute_awaits_answer"


def advance(now: DisputeState, to: DisputeState) -> DisputeState:
    """`to`, when there is a way from `now`; otherwise the refusal that says where the dispute stands."""
    if to in TRANSITIONS[now]:
        return to
    if now not in UNDECIDED:
        raise DisputeClosed(state=now.value)
    raise DisputeAnswered() if now is DisputeState.ANSWERED else AwaitsAnswer()


def left_minor(*, asked_minor: int, given_before_minor: int, given_minor: int) -> int:
    """What is still in dispute: what was asked for, less all that was given back since."""
    return max(0, asked_minor - (given_minor - given_before_minor))
