"""Faults on order: a shop has its own callbacks go wrong, for the next few or until it says stop.

One fault falls to one callback, when it is asked for: the oldest that is on order. In a sandbox only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shared.db.unit import UnitOfWork


class Fault(StrEnum):
    """What can go wrong with a callback."""

    LATE = "late"
    TWICE = "twice"
    OUT_OF_ORDER = "out_of_order"
    BAD_SIGNATURE = "bad_signature"
    DROPPED = "dropped"
    SLOW = "slow"
    AFTER_CLOSE = "after_close"


@dataclass(frozen=True, slots=True)
class Plan:
    """When a callback leaves (ms), and what goes wrong with it."""

    due_at: int
    fault: str | None = None

    @property
    def is_dropped(self) -> bool:
        """Whether it is never sent."""
        return self.fault == Fault.DROPPED


def take(uow: UnitOfWork, *, shop_id: str, kind: str, subject: str, due_at: int) -> Plan:
    """Use up the oldest fault that is on order for this shop and kind, if there is one."""
    return Plan(due_at)
