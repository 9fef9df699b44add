"""Executing signed orders: the verbs that make money move.

`execute_many` is written for many: it reads everything that its orders need with a handful of statements, judges each
order by itself, posts the good ones at once and writes their effects. Two orders in one batch that want the same thing
(the same intent, the same request) take turns, so that the second sees what became of the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.codes import seal
from shared.codes.payloads import OrderKind
from shared.codes.refusals import CodeExpired, RevokedKey
from shared.db.store import batched
from shared.db.unit import UnitOfWork
from shared.errors import BadInput, Conflict, DomainError, IdempotencyConflict
from shared.identity import keys, parties
from shared.identity.signing import SIGNATURE_BYTES
from shared.ledger import posting, transfers
from shared.ledger.transfers import NewTransfer, Transfer
from shared.payments import effects, intents, kinds
from shared.payments.intents import PaymentIntent
from shared.payments.orders import Prepared, meaning_of, transfer_of
from shared.payments.states import IntentAlreadyPaid, IntentClosed, IntentState, advance


class AmountMismatch(BadInput):
    """The order's amount or currency is not the intent's."""

    code = "amount_mismatch"


class RequestAlreadyPaid(IntentAlreadyPaid):
    """The peer request was paid before."""

    code = "request_already_paid"


class PaidToSelf(BadInput):
    """Payer and payee are the same."""

    code = "paid_to_self"


class WrongOrderKind(BadInput):
    """The intent is captured by hand and the order would pay it at once, or the other way round."""

    code = "wrong_order_kind"


class CaptureTooMuch(BadInput):
    """More than was authorized."""

    code = "capture_exceeds_authorized"


class RefundTooMuch(Conflict):
    """More than is left of what was captured. `left_minor` says how much that is."""

    code = "refund_exceeds_captured"


@dataclass(frozen=True, slots=True)
class Executed:
    """What became of an order: its transfer, the two sides of it, and the intent that it acted on, if any.

    `is_replay` says that the order had been executed before and nothing moved now.
    """

    transfer: Transfer
    payer: parties.Known
    payee: parties.Known
    intent: PaymentIntent | None = None
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class _Judged:
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
    while waiting:
        turn, later, claimed = [], [], set[str]()
        for index, prepared in waiting:
            claim = _claims(prepared)
            if claimed.isdisjoint(claim):
                turn.append((index, prepared))
            else:
                later.append((index, prepared))
            claimed |= claim
        for (index, _), answer in zip(turn, _execute(uow, [prepared for _, prepared in turn]), strict=True):
            answers[index] = answer
        waiting = later
    return [answer for answer in answers if answer is not None]


execute = batched(execute_many)
"""Execute one order: `store.run(actions.execute, order=prepared)`."""


def _claims(prepared: Prepared) -> set[str]:
    """What the order wants for itself: its name, and the request or the intent that it answers or acts on."""
    subject = prepared.order.subject
    return {prepared.id} if subject is None else {prepared.id, subject.hex()}


def _execute(uow: UnitOfWork, orders: Sequence[Prepared]) -> list[Executed | DomainError]:
    scene = _Scene(uow, orders)
    judged = [_judge(uow, scene, prepared) for prepared in orders]
    posted = iter(posting.post_many(uow, [item.new for item in judged if isinstance(item, _Judged)]))
    answers: list[Executed | DomainError] = []
    done: list[effects.Done] = []
    for item in judged:
        if not isinstance(item, _Judged):
            answers.append(item)
            continue
        transfer = next(posted)
        if isinstance(transfer, DomainError):
            answers.append(transfer)
            continue
        intent = item.intent and effects.advanced(item.intent, item.prepared.order.kind, item.signer.id, transfer)
        payer, payee = sides(item.prepared, item.signer, item.other)
        done.append(effects.Done(item.prepared, transfer, payer, payee, item.intent, intent))
        answers.append(Executed(transfer, payer, payee, intent))
    effects.write(uow, done)
    return answers


def sides(prepared: Prepared, signer: parties.Known, other: parties.Known) -> tuple[parties.Known, parties.Known]:
    """Who is debited and who is credited: a shop that captures or voids signs for money that comes from the other."""
    return (other, signer) if prepared.order.kind in kinds.ENDS_A_HOLD else (signer, other)


class _Scene:
    """Everything that judging a batch of orders needs to know, read at once."""

    def __init__(self, uow: UnitOfWork, orders: Sequence[Prepared]) -> None:
        self.executed = transfers.by_ids(uow, ids=[order.transfer_id for order in orders])
        self.frames = effects.stored_frames(uow, ids=[order.id for order in orders])
        self.keys = keys.find_many(uow, kids=sorted({kid for order in orders for kid in order.kids}))
        self.signers = parties.by_ids(uow, ids=[order.signer_id for order in orders])
        self.payees = parties.by_handles(uow, handles=[order.order.payee for order in orders])
        subjects = [order.order.subject.hex() for order in orders if order.order.subject is not None]
        self.intents = intents.by_subjects(uow, jtis=subjects) if subjects else {}
        asked = [order.order.subject.hex() for order in orders if order.order.subject and order.request]
        self.spent = effects.spent_requests(uow, jtis=asked) if asked else set()
        named = [str(order.order.memo) for order in orders if kinds.MEANINGS[order.order.kind].by_shop]
        self.named = intents.by_ids(uow, ids=named) if named else {}


def _judge(uow: UnitOfWork, scene: _Scene, prepared: Prepared) -> _Judged | Executed | DomainError:
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


def _accepted(uow: UnitOfWork, scene: _Scene, prepared: Prepared) -> _Judged:
    """The order with the transfer that it causes, or the refusal that it deserves."""
    order = prepared.order
    for kid in prepared.kids:
        key = scene.keys.get(kid)
        if key is None or key.revoked_at is not None:
            raise RevokedKey(kid=kid)
    seal.check_times(order, uow.now // 1000)
    signer, other = scene.signers[prepared.signer_id], scene.payees.get(order.payee)
    if other is None:
        raise parties.UnknownParty()
    if signer.id == other.id:
        raise PaidToSelf()
    if (signer.frozen_at or other.frozen_at) and order.kind not in kinds.TOLD_BY_THE_BANK:
        raise parties.PartyFrozen()
    if prepared.request is not None:
        seal.check_times(prepared.request.payload, uow.now // 1000)
        if order.subject is not None and (other.id, order.subject.hex()) in scene.spent:
            raise RequestAlreadyPaid()
    meaning_of(order, signer, other)
    intent = _intent_of(uow, scene, prepared, signer, other)
    new = transfer_of(
        prepared,
        signer,
        other,
        reference=effects.reference_of(prepared, intent),
        hold_id=intent.hold_id if intent else None,
    )
    return _Judged(prepared, new, signer, other, intent)


def _intent_of(
    uow: UnitOfWork, scene: _Scene, prepared: Prepared, signer: parties.Known, other: parties.Known
) -> PaymentIntent | None:
    """The intent that the order acts on, when it may; one made on the spot for a payment at a static code."""
    order = prepared.order
    meaning = kinds.MEANINGS[order.kind]
    if not meaning.on_intent:
        return None
    if meaning.by_shop:
        return _of_shop(uow, scene.named.get(str(order.memo)), prepared, signer, other)
    if order.subject is None and order.kind == OrderKind.PAY:
        return effects.counter_sale(prepared, other, uow.now)
    intent = scene.intents.get((other.id, order.subject.hex())) if order.subject is not None else None
    if intent is None:
        raise intents.UnknownIntent()
    intent = intent.as_of(uow.now)
    if intent.state is IntentState.EXPIRED:
        raise CodeExpired(expired_at_s=intent.expires_at // 1000)
    is_manual = intent.capture_method == intents.MANUAL
    if intent.state is IntentState.AUTHORIZED:
        raise IntentAlreadyPaid()
    advance(intent.state, IntentState.AUTHORIZED if is_manual else IntentState.CAPTURED)
    if is_manual != (order.kind == OrderKind.HOLD):
        raise WrongOrderKind()
    if (intent.amount_minor, intent.currency) != (order.amount_minor, prepared.currency):
        raise AmountMismatch()
    return intent


def _of_shop(
    uow: UnitOfWork, intent: PaymentIntent | None, prepared: Prepared, shop: parties.Known, payer: parties.Known
) -> PaymentIntent:
    """The intent that a shop captures, voids or refunds, when there is that much to capture, release or give back."""
    order = prepared.order
    named = (shop.id, order.subject and order.subject.hex())
    if intent is None or (intent.shop_id, intent.jti) != named:
        raise intents.UnknownIntent()
    intent = intent.as_of(uow.now)
    if order.kind == OrderKind.REFUND:
        if intent.state is not IntentState.CAPTURED:
            raise IntentClosed(state=intent.state.value)
        left = intent.captured_minor - intent.refunded_minor
        if order.amount_minor > left:
            raise RefundTooMuch(left_minor=left)
    elif intent.state is not IntentState.AUTHORIZED:
        raise IntentClosed(state=intent.state.value)
    elif order.amount_minor > intent.amount_minor:
        raise CaptureTooMuch()
    elif order.kind == OrderKind.VOID and order.amount_minor != intent.amount_minor:
        raise AmountMismatch()
    if (intent.payer_id, intent.currency) != (payer.id, prepared.currency):
        raise AmountMismatch()
    return intent
