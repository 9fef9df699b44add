"""Faults on order: a shop has its own callbacks go wrong, for the next few or until it says stop.

One fault falls to one callback, when it is asked for: the one that is on order longest. In a sandbox only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput
from shared.payments import intents
from shared.payments.intents import GRACE_MS, PaymentIntent
from shared.payments.states import IntentState

MOST_AT_ONCE = 10_000
USUAL_DELAY_S, LONGEST_DELAY_S = 60, 7 * 86_400
_CLOSED = (IntentState.CANCELED, IntentState.DECLINED, IntentState.EXPIRED, IntentState.VOIDED)


class Fault(StrEnum):
    """What can go wrong with a callback."""

    LATE = "late"
    TWICE = "twice"
    OUT_OF_ORDER = "out_of_order"
    BAD_SIGNATURE = "bad_signature"
    DROPPED = "dropped"
    SLOW = "slow"
    AFTER_CLOSE = "after_close"


DELAYED = (Fault.LATE, Fault.OUT_OF_ORDER)
"""Those that wait for a while on purpose."""


@dataclass(frozen=True, slots=True)
class OrderedFault:
    """A fault on order: for `remaining` more callbacks, or until it is switched off (None)."""

    kind: str
    fault: Fault
    remaining: int | None
    delay_s: int
    set_at: int


@dataclass(frozen=True, slots=True)
class Plan:
    """When a callback leaves (ms), and what goes wrong with it."""

    due_at: int
    fault: str | None = None

    @property
    def is_dropped(self) -> bool:
        """Whether it is never sent."""
        return self.fault == Fault.DROPPED


def of_shop(reader: Reader, *, shop_id: str) -> list[OrderedFault]:
    """What a shop has on order, the oldest first."""
    rows = reader.sql.rows(
        "SELECT kind, fault, remaining, delay_s, set_at FROM callbacks_fault WHERE shop_id = :shop"
        " ORDER BY set_at, kind, fault",
        shop=shop_id,
    )
    return [OrderedFault(kind, Fault(fault), *more) for kind, fault, *more in rows]


def put(
    uow: UnitOfWork, *, shop_id: str, kinds: Sequence[str], fault: Fault, times: int | None, delay_s: int | None
) -> list[OrderedFault]:
    """Order a fault for the next `times` callbacks of each kind, None until it is cleared; all that is on order then.

    `delay_s` is how long one that is late (or held back to come out of order) waits, on Saoma's clock.
    """
    if times is not None and not 1 <= times <= MOST_AT_ONCE:
        raise BadInput(field="times")
    if delay_s is not None and (fault not in DELAYED or not 1 <= delay_s <= LONGEST_DELAY_S):
        raise BadInput(field="delay_s")
    for kind in kinds:
        uow.sql.run(
            "INSERT INTO callbacks_fault (shop_id, kind, fault, remaining, delay_s, set_at)"
            " VALUES (:shop, :kind, :fault, :times, :delay, :now) ON CONFLICT (shop_id, kind, fault)"
            " DO UPDATE SET remaining = excluded.remaining, delay_s = excluded.delay_s, set_at = excluded.set_at",
            shop=shop_id,
            kind=kind,
            fault=fault.value,
            times=times,
            delay=delay_s or USUAL_DELAY_S,
            now=uow.now,
        )
    return of_shop(uow, shop_id=shop_id)


def clear(uow: UnitOfWork, *, shop_id: str, kinds: Sequence[str], fault: Fault | None) -> list[OrderedFault]:
    """Cancel a fault, or all of these kinds; what is on order then. What it held back already goes when it was to."""
    uow.sql.run(
        "DELETE FROM callbacks_fault WHERE shop_id = :shop AND kind IN :kinds AND fault IN :faults",
        shop=shop_id,
        kinds=list(kinds),
        faults=[fault.value] if fault else [each.value for each in Fault],
    )
    return of_shop(uow, shop_id=shop_id)


def forget_all(uow: UnitOfWork) -> int:
    """Cancel what any shop has on order: this is no sandbox any more."""
    return uow.sql.run("DELETE FROM callbacks_fault")


def take(uow: UnitOfWork, *, shop_id: str, kind: str, destination: str, subject: str, due_at: int) -> Plan:
    """Use up the oldest fault that is on order for this shop and kind and fits, if there is one."""
    for ordered in of_shop(uow, shop_id=shop_id):
        if ordered.kind != kind:
            continue
        at = _leaves_at(uow, ordered, destination, subject, due_at)
        if at is not None:
            _use_up(uow, shop_id, ordered)
            return Plan(at, ordered.fault)
    return Plan(due_at)


def _leaves_at(uow: UnitOfWork, ordered: OrderedFault, destination: str, subject: str, due_at: int) -> int | None:
    """When a callback leaves under this fault; None where it does not fit."""
    if ordered.fault is Fault.AFTER_CLOSE:
        intent = intents.by_ids(uow, ids=[subject]).get(subject)
        return _closes_at(intent, due_at) if intent else None
    if ordered.fault is Fault.OUT_OF_ORDER and _is_one_held(uow, destination):
        return None
    return due_at + ordered.delay_s * 1000 if ordered.fault in DELAYED else due_at


def _closes_at(intent: PaymentIntent, due_at: int) -> int:
    """When everybody takes the sale for closed: it is, or the time of its code is over."""
    return due_at if intent.state in _CLOSED else max(due_at, intent.expires_at + GRACE_MS + 1)


def _is_one_held(uow: UnitOfWork, destination: str) -> bool:
    rows = uow.sql.rows(
        "SELECT 1 FROM callbacks_delivery WHERE destination = :place AND state = 'pending' AND fault = :fault"
        " AND attempts = 0 LIMIT 1",
        place=destination,
        fault=Fault.OUT_OF_ORDER.value,
    )
    return bool(rows)


def _use_up(uow: UnitOfWork, shop_id: str, ordered: OrderedFault) -> None:
    if ordered.remaining is None:
        return
    where = "WHERE shop_id = :shop AND kind = :kind AND fault = :fault"
    named = {"shop": shop_id, "kind": ordered.kind, "fault": ordered.fault.value}
    if ordered.remaining > 1:
        uow.sql.run(f"UPDATE callbacks_fault SET remaining = remaining - 1 {where}", **named)
    else:
        uow.sql.run(f"DELETE FROM callbacks_fault {where}", **named)
