"""Executing signed orders: the verbs that make money move.

`execute_many` is written for many: it reads everything that its orders need with a handful of statements, judges each
order by itself, posts the good ones at once and writes their effects. Two orders in one batch that want the same thing
(the same intent, the same request, the rest of the same daily limit) take turns, so that the second sees what became of
the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from shared.codes import seal
from shared.codes.refusals import RevokedKey
from shared.db.store import batched
from shared.db.unit import UnitOfWork
from shared.errors import BadInput, DomainError, IdempotencyConflict
from shared.identity import keys, parties
from shared.identity.signing import SIGNATURE_BYTES
from shared.ledger import posting, transfers
from shared.ledger.transfers import NewTransfer, Transfer
from shared.payments import effects, intents, kinds, limits, on_intents, outcomes, payer_codes
from shared.payments.intents import PaymentIntent
from shared.payments.orders import Prepared, meaning_of, transfer_of
from shared.payments.states import IntentAlreadyPaid


class RequestAlreadyPaid(IntentAlreadyPaid):
    """The peer request was paid before."""

    code = "request_already_paid"


class PaidToSelf(BadInput):
    """Payer and payee are the same."""

    code = "paid_to_self"


class Executed(NamedTuple):
    """What became of an order: its transfer, the two sides of it, and the intent that it acted on, if any.

    `is_replay` says that the order had been executed before and nothing moved now.
    """

    transfer: Transfer
    payer: parties.Known
    payee: parties.Known
    intent: PaymentIntent | None = None
    is_replay: bool = False


class Executable(NamedTuple):
    """An order that may be executed, with the transfer that it will cause."""

    prepared: Prepared
    new: NewTransfer
    signer: parties.Known
    other: parties.Known
    intent: PaymentIntent | None


def execute_many(uow: UnitOfWork, calls: Sequence[Mapping[str, Any]]) -> list[Executed | DomainError]:
    """Execute the orders `call["order"]` (each a `Prepared`); for each, in order, what became of it or why not."""
    answers: list[Executed | DomainError | None] = [None] * len(calls)
    waiting = [(index, call["order"]) for index, call in enumerate(calls)]
    about = _About(uow, [prepared for _, prepared in waiting])
    while waiting:
        turn, later, claimed = [], [], set[str]()
        for index, prepared in waiting:
            claim = about.claims(prepared)
            if claimed.isdisjoint(claim):
                turn.append((index, prepared))
            else:
                later.append((index, prepared))
            claimed |= claim
        for (index, _), answer in zip(turn, _execute(uow, about, [prepared for _, prepared in turn]), strict=True):
            answers[index] = answer
        waiting = later
    return [answer for answer in answers if answer is not None]


execute = batched(execute_many)
"""Execute one order: `store.run(actions.execute, order=prepared)`."""


def judged(uow: UnitOfWork, *, order: Prepared) -> Executable:
    """What executing this order would do now, or the refusal that it deserves. Changes nothing."""
    return _accepted(uow, _Scene(uow, _About(uow, [order]), [order]), order)


class _About:
    """What does not change while a batch is executed: its spenders' limits, and which intents charges name."""

    def __init__(self, uow: UnitOfWork, orders: Sequence[Prepared]) -> None:
        spenders = {spender for order in orders if (spender := order.spender_id) is not None}
        found = limits.of_many(uow, party_ids=spenders) if spenders else {}
        self.limited = {party_id: each for party_id, each in found.items() if each.daily_minor is not None}
        charges = [str(order.order.memo) for order in orders if order.order.kind in kinds.CHARGES]
        self.charged = intents.by_ids(uow, ids=charges) if charges else {}

    def claims(self, prepared: Prepared) -> set[str]:
        """What the order wants for itself: its name, the request or intent that it answers or acts on, the payer code
        and its counter, the rest of a daily limit.
        """
        subject, spender = prepared.order.subject, prepared.spender_id
        wanted = {prepared.id} if subject is None else {prepared.id, subject.hex()}
        if spender is not None and spender in self.limited:
            wanted.add(spender)
        if prepared.order.kind in kinds.CHARGES and prepared.presented:
            wanted.add(prepared.presented.kid_hex)
            intent = self.charged.get(str(prepared.order.memo))
            wanted |= {intent.jti} if intent else set()
        return wanted


def _execute(uow: UnitOfWork, about: _About, orders: Sequence[Prepared]) -> list[Executed | DomainError]:
    scene = _Scene(uow, about, orders)
    judged = [_judge(uow, scene, prepared) for prepared in orders]
    news = [item.new for item in judged if isinstance(item, Executable)]
    posted = iter(posting.post_many(uow, news, posted=scene.executed))
    answers: list[Executed | DomainError] = []
    done: list[effects.Done] = []
    for item in judged:
        if not isinstance(item, Executable):
            answers.append(item)
            continue
        transfer = next(posted)
        if isinstance(transfer, DomainError):
            answers.append(transfer)
            continue
        payer, payee = sides(item.prepared, item.signer, item.other)
        intent = item.intent and effects.advanced(item.intent, item.prepared.order.kind, payer.id, transfer)
        done.append(effects.Done(item.prepared, transfer, payer, payee, item.intent, intent))
        answers.append(Executed(transfer, payer, payee, intent))
    effects.write(uow, done)
    return answers


def sides(prepared: Prepared, signer: parties.Known, other: parties.Known) -> tuple[parties.Known, parties.Known]:
    """Who is debited and who is credited: a shop that charges, captures or voids signs for the other's money."""
    return (other, signer) if prepared.order.kind in kinds.FROM_THE_OTHER else (signer, other)


class _Scene:
    """Everything that judging a batch of orders needs to know, read at once."""

    def __init__(self, uow: UnitOfWork, about: _About, orders: Sequence[Prepared]) -> None:
        self.executed = transfers.by_ids(uow, ids=[order.transfer_id for order in orders])
        self.frames = effects.stored_frames(uow, ids=[order.id for order in orders])
        self.good_kids = keys.good(uow, kids=[kid for order in orders for kid in order.kids])
        self.signers = parties.by_ids(uow, ids=[order.signer_id for order in orders])
        self.payees = parties.by_handles(uow, handles=[order.order.payee for order in orders])
        subjects = [order.order.subject.hex() for order in orders if order.order.subject is not None]
        self.intents = intents.by_subjects(uow, jtis=subjects) if subjects else {}
        asked = [order.order.subject.hex() for order in orders if order.order.subject and order.presented]
        self.spent = effects.spent_requests(uow, jtis=asked) if asked else set()
        named = [str(order.order.memo) for order in orders if kinds.MEANINGS[order.order.kind].by_shop]
        self.named = intents.by_ids(uow, ids=named) if named else {}
        self.left = limits.left_today(uow, limits=about.limited)
        codes = [order.presented for order in orders if order.order.kind in kinds.CHARGES and order.presented]
        jtis = [payer_codes.payer_code(code).jti.hex() for code in codes]
        self.taken = payer_codes.by_jtis(uow, jtis=jtis) if codes else {}
        self.counters = payer_codes.last_counters(uow, kids=[code.kid_hex for code in codes]) if codes else {}


def _judge(uow: UnitOfWork, scene: _Scene, prepared: Prepared) -> Executable | Executed | DomainError:
    try:
        return _replayed(uow, scene, prepared) or _accepted(uow, scene, prepared)
    except DomainError as refusal:
        return refusal


def _replayed(uow: UnitOfWork, scene: _Scene, prepared: Prepared) -> Executed | None:
    """The first result of an order that was executed before, whatever the time is now."""
    frame = scene.frames.get(prepared.id)
    if frame is None:
        return None
    if frame[:-SIGNATURE_BYTES] != prepared.frame[:-SIGNATURE_BYTES]:
        raise IdempotencyConflict()
    transfer = scene.executed[prepared.transfer_id]
    payer, payee = sides(prepared, scene.signers[prepared.signer_id], scene.payees[prepared.order.payee])
    intent = intents.by_id(uow, id=transfer.reference) if transfer.reference.startswith("pi_") else None
    return Executed(transfer, payer, payee, intent, is_replay=True)


def _accepted(uow: UnitOfWork, scene: _Scene, prepared: Prepared) -> Executable:
    """The order with the transfer that it causes, or the refusal that it deserves."""
    order = prepared.order
    for kid in prepared.kids:
        if kid not in scene.good_kids:
            raise RevokedKey(kid=kid)
    seal.check_times(order, (prepared.accepted_at or uow.now) // 1000)
    signer, other = scene.signers[prepared.signer_id], scene.payees.get(order.payee)
    if other is None:
        raise parties.UnknownParty()
    if signer.id == other.id:
        raise PaidToSelf()
    if (signer.frozen_at or other.frozen_at) and order.kind not in kinds.TOLD_BY_THE_BANK:
        raise parties.PartyFrozen()
    payer, _ = sides(prepared, signer, other)
    if payer.self_frozen_at and order.kind not in kinds.ENDS_A_HOLD:
        raise parties.SelfFrozen()
    if prepared.presented is not None:
        _refuse_spent(uow, scene, prepared, prepared.presented, other)
    meaning_of(order, signer, other)
    intent = _intent_of(uow, scene, prepared, signer, other)
    left = scene.left.get(prepared.spender_id or "")
    if left is not None and order.amount_minor > left:
        raise limits.DailyLimitReached(left_minor=left, currency=prepared.currency)
    if prepared.plays and intent is not None and outcomes.asked_by(intent, payer.handle):
        raise outcomes.Staged()
    new = transfer_of(
        prepared,
        signer,
        other,
        reference=effects.reference_of(prepared, intent),
        hold_id=intent.hold_id if intent else None,
    )
    return Executable(prepared, new, signer, other, intent)


def _refuse_spent(
    uow: UnitOfWork, scene: _Scene, prepared: Prepared, presented: seal.Opened, other: parties.Known
) -> None:
    """Refuse what is too old or was used: a peer request that was paid, a payer code that was taken (this first, since
    whoever shows a copy must hear so), one older than the last that was.
    """
    order = prepared.order
    if order.kind not in kinds.CHARGES:
        seal.check_times(presented.payload, uow.now // 1000)
        if order.subject is not None and (other.id, order.subject.hex()) in scene.spent:
            raise RequestAlreadyPaid()
        return
    code = payer_codes.payer_code(presented)
    if (presented.kid_hex, code.jti.hex()) in scene.taken:
        raise payer_codes.CodeSpent()
    if prepared.accepted_at is not None:
        return  # it was judged, and taken, when the order was taken in
    seal.check_times(code, uow.now // 1000)
    if code.counter <= scene.counters.get(presented.kid_hex, -1):
        raise payer_codes.CounterWentBack()


def _intent_of(
    uow: UnitOfWork, scene: _Scene, prepared: Prepared, signer: parties.Known, other: parties.Known
) -> PaymentIntent | None:
    """The intent that the order acts on, when it may."""
    order = prepared.order
    meaning = kinds.MEANINGS[order.kind]
    if not meaning.on_intent:
        return None
    if not meaning.by_shop:
        found = scene.intents.get((other.id, order.subject.hex())) if order.subject is not None else None
        return on_intents.paid(found, prepared, other, uow.now)
    named = scene.named.get(str(order.memo))
    if order.kind in kinds.CHARGES:
        return on_intents.charged(named, prepared, signer, uow.now)
    return on_intents.followed_up(named, prepared, signer, other, uow.now)
