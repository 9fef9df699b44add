"""A dispute as a list of steps, for both sides and the operator; each page has its own sentences for them. Pure."""

from __future__ import annotations

from typing import NamedTuple

from shared.disputes.queries import Dispute
from shared.disputes.states import DisputeState

_LOST_BY = {"shop": "accepted", "silence": "silence"}


class Step(NamedTuple):
    """One step: the end of its sentence's key, when (ms), and the amount that it is about."""

    what: str
    at: int
    amount_minor: int


def steps(dispute: Dispute) -> list[Step]:
    """What has happened, the earliest first; the last may be accepted, silence, lost, won, withdrawn or refunded."""
    found = [Step("opened", dispute.opened_at, dispute.amount_minor)]
    if dispute.answered_at is not None:
        found.append(Step("answered", dispute.answered_at, dispute.amount_minor))
    if dispute.closed_at is not None:
        what = _LOST_BY.get(dispute.decided_by) if dispute.state is DisputeState.LOST else None
        found.append(Step(what or dispute.state.value, dispute.closed_at, dispute.paid_minor))
    return found
