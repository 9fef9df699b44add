"""Paying from a phone: the scheme's verb, with the PIN's rule in front of it, for many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.db.store import batched
from shared.db.unit import UnitOfWork
from shared.errors import DomainError
from shared.payments import actions as payments
from shared.payments import effects, staging, undecided
from shared.payments.actions import Executed
from shared.payments.orders import Prepared
from shared.payments.outcomes import Staged
from shared.payments.staging import Played
from wallet.asking import actions as asking
from wallet.users import pins


def pay_many(uow: UnitOfWork, calls: Sequence[Mapping[str, Any]]) -> list[Executed | DomainError]:
    """Execute `call["order"]`, where its amount is above the payer's no-PIN limit only with `call["confirmation"]`.

    A confirmation serves one payment. An order that was executed before is answered without one. A request that was
    sent to somebody and then declined or withdrawn is not paid any more.
    """
    limits = pins.limits(uow, party_ids=[call["order"].signer_id for call in calls])
    tokens = [call["confirmation"] for call in calls if call["confirmation"]]
    good = pins.good_confirmations(uow, tokens=tokens) if tokens else {}
    known = effects.stored_frames(uow, ids=[call["order"].id for call in calls])
    closed = asking.closed_by(uow, orders=[call["order"] for call in calls])
    answers: list[Executed | DomainError | None] = [None] * len(calls)
    passed: list[int] = []
    needed: dict[int, str] = {}
    for index, call in enumerate(calls):
        order, token = call["order"], call["confirmation"]
        limit_minor, has_pin = limits.get(order.signer_id, (0, False))
        if order.id in closed and order.id not in known:
            answers[index] = closed[order.id]
            continue
        if order.order.amount_minor > limit_minor and order.id not in known:
            if not has_pin or token is None or good.pop(token, None) != order.signer_id:
                answers[index] = pins.PinRequired() if has_pin else pins.PinNotSet()
                continue
            needed[index] = token
        passed.append(index)
    executed = payments.execute_many(uow, [{"order": calls[index]["order"]} for index in passed])
    for index, answer in zip(passed, executed, strict=True):
        answers[index] = answer
    paid = [token for index, token in needed.items() if isinstance(answers[index], Executed)]
    pins.use_confirmations(uow, tokens=paid)
    return [answer for answer in answers if answer is not None]


pay = batched(pay_many)
"""Execute one order of a phone: `store.run(pay, order=prepared, confirmation=token)`."""


def pay_as_asked(uow: UnitOfWork, *, order: Prepared, confirmation: str | None) -> Played:
    """Play the outcome that a test asked for, under the same rules; how an order stands that was taken in before."""
    if undecided.find(uow, order_id=order.id):
        return staging.play(uow, order=order)
    [answer] = pay_many(uow, [{"order": order, "confirmation": confirmation}])
    if not isinstance(answer, Staged):
        return _as_it_is(answer)
    played = staging.play(uow, order=order)
    pins.use_confirmations(uow, tokens=[confirmation] if confirmation else [])
    return played


def _as_it_is(answer: Executed | DomainError) -> Played:
    if isinstance(answer, DomainError):
        raise answer
    assert answer.intent is not None, "only payments of intents are staged"
    return Played(answer.intent, answer)
