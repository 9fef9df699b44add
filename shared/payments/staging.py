"""Playing the outcome that a test asked for (outcomes.py), with real money and real states.

What is refused is refused as it would be; what is to be `unknown` keeps its signed order (undecided.py) until its time
on Saoma's clock, and then either is executed or declined. Nothing moves but by `actions.execute`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from shared.db.unit import Reader, UnitOfWork
from shared.errors import DomainError
from shared.ledger import accounts
from shared.ledger.posting import InsufficientFunds
from shared.payments import actions, asking, intents, kinds, orders, outcomes, payer_codes, undecided
from shared.payments.actions import Executable, Executed
from shared.payments.intents import PaymentIntent
from shared.payments.orders import Prepared
from shared.payments.outcomes import Outcome
from shared.payments.states import IntentState, advance
from shared.payments.undecided import Kept

UNKNOWN_MS = 60_000
"""How long nobody knows what became of a payment."""
LATE_MS = 30_000
"""How long after its code's time a late payment is captured: within the minute that still counts."""
_AT_ONCE = 100
_FAILS = Outcome.UNKNOWN_THEN_FAILS


@dataclass(frozen=True, slots=True)
class Played:
    """What a played payment came to: the intent as it stands, what was executed, if anything, and what its payer is
    refused by although something was written down.
    """

    intent: PaymentIntent
    executed: Executed | None = None
    refusal: DomainError | None = None


def play(uow: UnitOfWork, *, order: Prepared) -> Played:
    """Let a payment end as it asked to. The same order again is answered with how its intent stands."""
    kept = undecided.find(uow, order_id=order.id)
    if kept is not None:
        return _again(uow, kept)
    judged = actions.judged(uow, order=replace(order, plays=False))
    assert judged.intent is not None, "only payments of intents ask for an outcome"
    payer, _ = actions.sides(order, judged.signer, judged.other)
    outcome = outcomes.asked_by(judged.intent, payer.handle)
    if outcome is Outcome.INSUFFICIENT:
        raise _short(order)
    if outcome is Outcome.TIMES_OUT:
        raise outcomes.PaymentTimedOut()
    if outcome is Outcome.SCANNED_AND_ABANDONED and not _is_charge(order):
        raise outcomes.PaymentAbandoned()
    if outcome is Outcome.DECLINED:
        return _decline(uow, order, judged.intent)
    if outcome in (Outcome.NEEDS_CONFIRMATION, Outcome.SCANNED_AND_ABANDONED):
        _take_code(uow, order, judged.intent)
        return Played(asking.ask(uow, was=judged.intent, payer=payer))
    if outcome is Outcome.PAID_TWICE:
        return _pay_twice(uow, order)
    assert outcome is not None, "a payment is played because it asks for an outcome"
    return _keep(uow, order, judged, outcome)


def has_due(reader: Reader) -> bool:
    """Whether `resolve_due` would find anything."""
    return bool(undecided.due(reader, limit=1))


def resolve_due(uow: UnitOfWork) -> int:
    """End the waiting of the payments whose time has come: each is executed, or its intent is declined. How many."""
    due = undecided.due(uow, limit=_AT_ONCE)
    for kept in due:
        intent = intents.by_id(uow, id=kept.intent_id)
        if intent.state is IntentState.UNKNOWN:  # else the shop has withdrawn it meanwhile: nothing is taken any more
            _resolve(uow, kept, intent)
        undecided.resolve(uow, order_id=kept.order_id)
    return len(due)


def _again(uow: UnitOfWork, kept: Kept) -> Played:
    intent = intents.by_id(uow, id=kept.intent_id)
    if intent.state is IntentState.DECLINED:
        raise outcomes.PaymentDeclined()
    advance(intent.state, IntentState.CAPTURED)  # refuses with why, where it was withdrawn
    return Played(intent)


def _decline(uow: UnitOfWork, order: Prepared, intent: PaymentIntent) -> Played:
    _take_code(uow, order, intent)
    declined = intents.close(uow, intent, IntentState.DECLINED, "intent.declined")
    return Played(declined, refusal=outcomes.PaymentDeclined())


def _pay_twice(uow: UnitOfWork, order: Prepared) -> Played:
    """Execute it, and judge another order of the same content that comes right behind: refused, and the shop told."""
    executed = actions.execute(uow, order=replace(order, plays=False))
    assert executed.intent is not None
    second = replace(order, order=replace(order.order, jti=secrets.token_bytes(8)), plays=False)
    try:
        actions.judged(uow, order=second)
    except DomainError as refusal:
        asking.tell(uow, "intent.payment_refused", executed.intent, executed.payer, code=refusal.code)
    return Played(executed.intent, executed)


def _keep(uow: UnitOfWork, order: Prepared, judged: Executable, outcome: Outcome) -> Played:
    """Take the order in without executing it, when the payer could pay: the intent is unknown until its time."""
    was = judged.intent
    assert was is not None
    if accounts.balance(uow, code=judged.new.debit_account).balance_minor < judged.new.amount_minor:
        raise _short(order)
    _take_code(uow, order, was)
    due_at = max(uow.now, was.expires_at) + LATE_MS if outcome is Outcome.SUCCEEDS_LATE else uow.now + UNKNOWN_MS
    presented = order.presented.frame if order.presented else None
    undecided.keep(uow, Kept(order.id, was.id, order.frame, presented, outcome.value, uow.now, due_at))
    payer, _ = actions.sides(order, judged.signer, judged.other)
    intent = asking.await_payer(uow, was=was, payer=payer, state=IntentState.UNKNOWN)
    asking.tell(uow, "intent.became_unknown", intent, payer)
    return Played(intent)


def _resolve(uow: UnitOfWork, kept: Kept, intent: PaymentIntent) -> None:
    """Execute what was kept, as of when it was taken in; where that is refused by now, or meant to fail, decline."""
    order = _reopened(uow, kept)
    if kept.outcome != _FAILS:
        if order.presented is not None:  # the execution takes the code itself, and says by which order
            payer_codes.give_back(uow, opened=order.presented)
        [answer] = actions.execute_many(uow, [{"order": order}])
        if isinstance(answer, Executed):
            return
        if order.presented is not None:
            _take_code(uow, order, intent, at=kept.accepted_at)
    intents.close(uow, intent, IntentState.DECLINED, "intent.declined")


def _reopened(reader: Reader, kept: Kept) -> Prepared:
    opened, code = (
        raw and orders.open_as_of(reader, raw, at_ms=None, now_s=None) for raw in (kept.frame, kept.presented)
    )
    assert opened, "an order has a frame"
    return orders.of_opened(opened, code or None, accepted_at=kept.accepted_at)


def _take_code(uow: UnitOfWork, order: Prepared, intent: PaymentIntent, *, at: int | None = None) -> None:
    """Take the payer code, where the order came with one: it is good for nothing else any more."""
    if order.presented is not None and _is_charge(order):
        row = payer_codes.taken(order.presented, intent_id=intent.id, order_id=None, at=at or uow.now)
        payer_codes.spend(uow, [row])


def _is_charge(order: Prepared) -> bool:
    return order.order.kind in kinds.CHARGES


def _short(order: Prepared) -> DomainError:
    return payer_codes.PayerShort() if _is_charge(order) else InsufficientFunds()
