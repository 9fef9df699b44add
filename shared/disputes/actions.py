"""The verbs of disputes: a payer opens one or takes it back, the shop answers or accepts, the operator decides.

A shop that loses is not asked for money on the spot: the house pays the payer at once, by an order that the operator
signs, and the shop owes it to its next settlement batch. Both are one commit with the decision.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared import events, ids, money
from shared.db.unit import UnitOfWork
from shared.disputes import queries
from shared.disputes.pictures import MOST, Picture, TooManyPictures
from shared.disputes.queries import COLUMNS, Dispute
from shared.disputes.states import ANSWER_DAYS, DAY_MS, OPEN_DAYS, DisputeState, Reason, advance
from shared.errors import BadInput, Conflict
from shared.identity import keys, names
from shared.ledger import accounts, chart
from shared.payments import actions as payments
from shared.payments import installation, intents
from shared.payments.states import IntentClosed, IntentState
from shared.settlement import adjustments
from shared.settlement.adjustments import Adjustment

WORDS_BYTES, ANSWER_BYTES = 600, 1200
"""So long may be what a payer and an operator write, and what a shop does (UTF-8)."""
_S = DisputeState


class DisputeTooLate(Conflict):
    """The payment is too long ago to be disputed."""

    code = "dispute_too_late"


class AlreadyDisputed(Conflict):
    """The payment is in dispute, or was, and was decided."""

    code = "already_disputed"


class DisputeTooMuch(Conflict):
    """More than is left of the payment. `left_minor` says how much that is."""

    code = "dispute_exceeds_payment"


class AnswerTooLate(Conflict):
    """The time for the shop's answer is over."""

    code = "answer_too_late"


def open_dispute(
    uow: UnitOfWork, *, payer_id: str, intent_id: str, reason: str, words: str, amount_minor: int
) -> Dispute:
    """Complain about a payment that `payer_id` has made; the shop has a week to answer."""
    intent = intents.by_id(uow, id=intent_id)
    if intent.payer_id != payer_id:
        raise intents.UnknownIntent()
    if intent.state is not IntentState.CAPTURED or intent.closed_at is None:
        raise IntentClosed(state=intent.state.value)
    if reason not in list(Reason):
        raise BadInput(field="reason")
    if uow.now > intent.closed_at + OPEN_DAYS * DAY_MS:
        raise DisputeTooLate(days=OPEN_DAYS)
    before = queries.of_intent(uow, intent_id=intent_id)
    if any(each.is_undecided or each.state in (_S.WON, _S.LOST) for each in before):
        raise AlreadyDisputed()
    for each in before:
        follow(uow, dispute_id=each.id, secret=b"")
    left = intent.captured_minor - intent.refunded_minor
    if money.check_minor(amount_minor) > left:
        raise DisputeTooMuch(left_minor=left)
    made = Dispute(
        ids.new_id("dsp", uow.now), intent.id, intent.shop_id, payer_id, reason, names.check_text(words, WORDS_BYTES),
        amount_minor, intent.currency, intent.refunded_minor, _S.OPEN, uow.now, uow.now + ANSWER_DAYS * DAY_MS, "",
        None, "", "", 0, None, None,
    )  # fmt: skip
    values = {name: getattr(made, name) for name in COLUMNS} | {"state": made.state.value}
    places = ", ".join(f":{name}" for name in values)
    uow.sql.run(f"INSERT INTO disputes_dispute ({', '.join(values)}) VALUES ({places})", **values)
    return _told(uow, "dispute.opened", made.id)


def withdraw(uow: UnitOfWork, *, dispute_id: str, payer_id: str) -> Dispute:
    """Take a complaint back; taking it back again changes nothing."""
    found = queries.of_payer(uow, id=dispute_id, payer_id=payer_id)
    if found.state is _S.WITHDRAWN:
        return found
    return _close(uow, found, _S.WITHDRAWN, "dispute.withdrawn")


def answer(uow: UnitOfWork, *, dispute_id: str, shop_id: str, words: str, pictures: Sequence[Picture] = ()) -> Dispute:
    """The shop's side of it, once: its words, and up to three pictures. The operator decides then."""
    found = queries.of_shop(uow, id=dispute_id, shop_id=shop_id)
    advance(found.state, _S.ANSWERED)
    if not found.waits_for_shop(uow.now):
        raise AnswerTooLate()
    if len(pictures) > MOST:
        raise TooManyPictures(most=MOST)
    text = names.check_text(words, ANSWER_BYTES)
    if not text:
        raise BadInput(field="words")
    uow.sql.run(
        "UPDATE disputes_dispute SET state = 'answered', answer = :answer, answered_at = :now WHERE id = :id",
        answer=text,
        now=uow.now,
        id=found.id,
    )
    uow.sql.run_many(
        "INSERT INTO disputes_picture (dispute_id, position, content, width, height)"
        " VALUES (:dispute, :position, :content, :width, :height)",
        [
            {
                "dispute": found.id,
                "position": number,
                "content": each.content,
                "width": each.width,
                "height": each.height,
            }
            for number, each in enumerate(pictures, 1)
        ],
    )
    return _told(uow, "dispute.answered", found.id)


def accept(uow: UnitOfWork, *, dispute_id: str, shop_id: str, secret: bytes) -> Dispute:
    """The shop says that the payer is right: the payer is paid at once. `secret` unlocks the operator's key."""
    found = queries.of_shop(uow, id=dispute_id, shop_id=shop_id)
    return found if found.state is _S.LOST else _lose(uow, found, "shop", "", secret)


def decide(uow: UnitOfWork, *, dispute_id: str, is_won: bool, note: str, secret: bytes) -> Dispute:
    """The operator's word, once the shop has answered: the shop has won, or has lost and the payer is paid at once."""
    found = queries.by_id(uow, id=dispute_id)
    to = _S.WON if is_won else _S.LOST
    if found.state is to:
        return found
    if found.state is _S.OPEN:
        advance(_S.OPEN, _S.WON)
    said = names.check_text(note, WORDS_BYTES)
    if is_won:
        return _close(uow, found, _S.WON, "dispute.decided", decided_by="operator", note=said)
    return _lose(uow, found, "operator", said, secret)


def follow(uow: UnitOfWork, *, dispute_id: str, secret: bytes) -> Dispute:
    """Write down what has decided a dispute by itself: all of it was given back, or the shop let its time go by."""
    found = queries.by_id(uow, id=dispute_id)
    if found.state is _S.REFUNDED and found.closed_at is None:
        return _close(uow, found, _S.REFUNDED, "dispute.refunded")
    if found.state is _S.OPEN and not found.waits_for_shop(uow.now):
        return _lose(uow, found, "silence", "", secret)
    return found


def _lose(uow: UnitOfWork, found: Dispute, decided_by: str, note: str, secret: bytes) -> Dispute:
    """Pay the payer from the house's account, and have the shop owe it."""
    advance(found.state, _S.LOST)
    operator, amount = keys.operator_id(uow), found.left_minor
    accounts.open_account(uow, code=chart.DISPUTES, currency=found.currency, owner_id=operator, may_overdraw=True)
    intent = intents.by_id(uow, id=found.intent_id)
    order = installation.prepare_make_good(uow, secret=secret, intent=intent, amount_minor=amount)
    paid = payments.execute(uow, order=order).transfer.id
    owed = Adjustment(found.id, found.shop_id, found.intent_id, paid, amount, found.currency, uow.now)
    adjustments.owe(uow, adjustment=owed)
    changes = {"decided_by": decided_by, "note": note, "paid_minor": amount, "transfer_id": paid}
    return _close(uow, found, _S.LOST, "dispute.decided", **changes)


def _close(uow: UnitOfWork, found: Dispute, to: DisputeState, event: str, **changes: object) -> Dispute:
    if to is not found.state:  # else the clock or a refund decided it, and it is only written down
        advance(found.state, to)
    values: dict[str, object] = {"state": to.value, "closed_at": uow.now} | changes
    places = ", ".join(f"{name} = :{name}" for name in values)
    changed = uow.sql.run(
        f"UPDATE disputes_dispute SET {places} WHERE id = :id AND closed_at IS NULL", id=found.id, **values
    )
    assert changed == 1, "the head lock lets nobody else close a dispute meanwhile"
    return _told(uow, event, found.id)


def _told(uow: UnitOfWork, event: str, id: str) -> Dispute:
    """The dispute as it stands now; both sides hear of it."""
    now = queries.by_id(uow, id=id)
    uow.emit(
        event,
        [events.party_topic(now.payer_id), events.party_topic(now.shop_id)],
        dispute=now.id,
        intent=now.intent_id,
        state=now.state.value,
        amount_minor=now.amount_minor,
        paid_minor=now.paid_minor,
        currency=now.currency,
    )
    return now
