"""A dispute's life: who may do what, until when, and what each end of it means for the money."""

from __future__ import annotations

import itertools

import pytest

from shared.db import outbox
from shared.disputes import actions, deadlines, queries
from shared.disputes.actions import (
    AlreadyDisputed,
    AnswerTooLate,
    DisputeTooLate,
    DisputeTooMuch,
)
from shared.disputes.pictures import Picture, TooManyPictures
from shared.disputes.queries import UnknownDispute
from shared.disputes.states import (
    ANSWER_DAYS,
    OPEN_DAYS,
    TRANSITIONS,
    AwaitsAnswer,
    DisputeAnswered,
    DisputeClosed,
    DisputeState,
    advance,
    left_minor,
)
from shared.errors import BadInput
from shared.payments.intents import UnknownIntent
from shared.payments.on_intents import RefundTooMuch
from shared.payments.states import IntentClosed
from tests.disputes.conftest import Court
from tests.world import SECRET

DAY_S = 86_400


@pytest.mark.parametrize(("now", "to"), list(itertools.product(DisputeState, DisputeState)))
def test_a_way_exists_exactly_where_the_table_says_so(now: DisputeState, to: DisputeState) -> None:
    if to in TRANSITIONS[now]:
        assert advance(now, to) is to
    else:
        with pytest.raises((AwaitsAnswer, DisputeAnswered, DisputeClosed)):
            advance(now, to)


def test_what_is_left_in_dispute_never_goes_below_nothing() -> None:
    assert [left_minor(asked_minor=300, given_before_minor=100, given_minor=n) for n in (100, 250, 400, 900)] == [
        300, 150, 0, 0,
    ]  # fmt: skip


def test_a_payer_opens_the_shop_answers_the_operator_decides_for_the_payer(court: Court) -> None:
    sale = court.sell(1000)
    before = court.world.balance(court.payer)
    opened = court.complain(sale, 600)
    assert (opened.state, opened.left_minor, opened.answer_by - opened.opened_at) == ("open", 600, 7 * DAY_S * 1000)
    answered = court.answer(opened, pictures=[Picture(b"jpeg", 4, 3)])
    assert (answered.state, answered.answer, answered.pictures) == ("answered", "It was handed over", 1)
    lost = court.decide(opened, is_won=False)
    assert (lost.state, lost.decided_by, lost.paid_minor, lost.note) == ("lost", "operator", 600, "I looked at both")
    assert (court.world.balance(court.payer) - before, court.taken, court.advanced) == (600, 1000, 600)
    assert court.decide(opened, is_won=False) == lost
    with pytest.raises(DisputeClosed):
        court.decide(opened, is_won=True)
    kept = court.world.store.read(queries.picture, dispute_id=opened.id, position=1)
    assert kept == Picture(b"jpeg", 4, 3)
    heard = [event.name for event in court.world.store.read(outbox.events_after, seq=0) if "dispute" in event.body]
    assert heard == ["dispute.opened", "dispute.answered", "dispute.decided"]


def test_a_shop_that_wins_keeps_its_money_and_nobody_complains_again(court: Court) -> None:
    sale = court.sell(1000)
    won = court.decide(court.answer(court.complain(sale, 1000)), is_won=True)
    assert (won.state, won.paid_minor, won.transfer_id, court.advanced) == ("won", 0, None, 0)
    with pytest.raises(AlreadyDisputed):
        court.complain(sale, 10)


def test_a_shop_that_accepts_has_lost_at_once_also_after_it_answered(sqlite_court: Court) -> None:
    for early in (True, False):
        dispute = sqlite_court.complain(sqlite_court.sell(500), 500)
        if not early:
            sqlite_court.answer(dispute)
        lost = sqlite_court.accept(dispute)
        assert (lost.state, lost.decided_by) == ("lost", "shop")
        assert sqlite_court.accept(dispute) == lost


def test_nobody_decides_before_the_shop_has_answered(sqlite_court: Court) -> None:
    dispute = sqlite_court.complain(sqlite_court.sell(500), 500)
    for is_won in (True, False):
        with pytest.raises(AwaitsAnswer):
            sqlite_court.decide(dispute, is_won=is_won)


def test_silence_loses_after_a_week_and_not_before(court: Court) -> None:
    dispute = court.complain(court.sell(500), 500)
    court.world.pass_time(ANSWER_DAYS * DAY_S - 60)
    assert deadlines.follow_due(court.world.store, secret=SECRET) == 0
    court.world.pass_time(120)
    with pytest.raises(AnswerTooLate):
        court.answer(dispute)
    assert deadlines.follow_due(court.world.store, secret=SECRET) == 1
    assert (court.seen(dispute).state, court.seen(dispute).decided_by, court.advanced) == ("lost", "silence", 500)
    assert deadlines.follow_due(court.world.store, secret=SECRET) == 0


def test_an_answered_dispute_waits_for_the_operator_however_long(sqlite_court: Court) -> None:
    dispute = sqlite_court.answer(sqlite_court.complain(sqlite_court.sell(500), 500))
    sqlite_court.world.pass_time(30 * DAY_S)
    assert deadlines.follow_due(sqlite_court.world.store, secret=SECRET) == 0
    assert sqlite_court.seen(dispute).state == "answered"


def test_a_payer_may_take_it_back_and_complain_once_more(sqlite_court: Court) -> None:
    sale = sqlite_court.sell(500)
    taken_back = sqlite_court.withdraw(sqlite_court.complain(sale, 500))
    assert (taken_back.state, sqlite_court.withdraw(taken_back)) == ("withdrawn", taken_back)
    with pytest.raises(DisputeClosed):
        sqlite_court.answer(taken_back)
    assert sqlite_court.complain(sale, 100).state == "open"


def test_a_refund_shrinks_a_dispute_and_at_last_ends_it(court: Court) -> None:
    sale = court.sell(1000)
    court.refund(sale, 100)
    dispute = court.complain(sale, 300)
    court.refund(sale, 120)
    assert (court.seen(dispute).state, court.seen(dispute).left_minor) == ("open", 180)
    court.refund(sale, 180)
    assert court.seen(dispute).state == "refunded"
    with pytest.raises(DisputeClosed):
        court.accept(dispute)
    assert deadlines.follow_due(court.world.store, secret=SECRET) == 1
    assert (court.seen(dispute).closed_at is not None, court.advanced) == (True, 0)


def test_only_what_was_not_given_back_is_paid_when_the_shop_loses(court: Court) -> None:
    sale = court.sell(1000)
    dispute = court.complain(sale, 1000)
    court.refund(sale, 400)
    assert (court.accept(dispute).paid_minor, court.advanced) == (600, 600)


def test_what_a_dispute_gave_back_cannot_be_refunded_again(court: Court) -> None:
    sale = court.sell(1000)
    court.accept(court.complain(sale, 700))
    with pytest.raises(RefundTooMuch) as refused:
        court.refund(sale, 301)
    assert refused.value.params == {"left_minor": 300}
    court.refund(sale, 300)


def test_a_second_complaint_after_a_refund_ended_the_first_is_a_new_one(sqlite_court: Court) -> None:
    sale = sqlite_court.sell(1000)
    sqlite_court.complain(sale, 300)
    sqlite_court.refund(sale, 300)
    assert sqlite_court.complain(sale, 700).state == "open"


def test_who_may_complain_about_what_and_until_when(sqlite_court: Court) -> None:
    court, open_dispute = sqlite_court, actions.open_dispute
    sale, li = court.sell(1000), court.world.person("li")
    asked = {"intent_id": sale.id, "reason": "other", "words": "", "amount_minor": 10}
    with pytest.raises(UnknownIntent):
        court.world.store.run(open_dispute, payer_id=li.id, **asked)
    with pytest.raises(BadInput):
        court.world.store.run(open_dispute, payer_id=court.payer.id, **(asked | {"reason": "mood"}))
    for amount in (0, -5):
        with pytest.raises(BadInput):
            court.complain(sale, amount)
    with pytest.raises(DisputeTooMuch):
        court.complain(sale, 1001)
    unpaid = court.world.intent(court.shop, 500)
    with pytest.raises(UnknownIntent):
        court.complain(unpaid, 500)
    held = court.world.intent(court.shop, 500, capture_method="manual")
    court.world.execute(court.world.hold(court.payer, held, court.shop))
    with pytest.raises(IntentClosed):
        court.complain(held, 500)
    court.complain(sale, 1000)
    with pytest.raises(AlreadyDisputed):
        court.complain(sale, 1000)
    old = court.sell(1000)
    court.world.pass_time(OPEN_DAYS * DAY_S + 1)
    with pytest.raises(DisputeTooLate):
        court.complain(old, 10)


def test_others_disputes_do_not_exist(sqlite_court: Court) -> None:
    court, store = sqlite_court, sqlite_court.world.store
    dispute, books, li = court.complain(court.sell(100), 100), court.world.shop("books"), court.world.person("li")
    for verb, more in (
        (actions.withdraw, {"payer_id": li.id}),
        (actions.answer, {"shop_id": books.id, "words": "No"}),
        (actions.accept, {"shop_id": books.id, "secret": SECRET}),
    ):
        with pytest.raises(UnknownDispute):
            store.run(verb, dispute_id=dispute.id, **more)
    with pytest.raises(UnknownDispute):
        store.read(queries.by_id, id="dsp_nothing")
    assert store.read(queries.list_of_shop, shop_id=books.id) == store.read(queries.list_of_payer, payer_id=li.id) == []
    assert store.read(queries.list_of_shop, shop_id=court.shop.id) == [dispute] == store.read(queries.list_all)
    assert store.read(queries.list_all, states=["won"]) == []
    assert store.read(queries.count_waiting, shop_id=court.shop.id) == 1


def test_an_answer_has_words_and_three_pictures_at_most(sqlite_court: Court) -> None:
    dispute = sqlite_court.complain(sqlite_court.sell(100), 100)
    with pytest.raises(BadInput):
        sqlite_court.answer(dispute, words=" ")
    with pytest.raises(TooManyPictures):
        sqlite_court.answer(dispute, pictures=[Picture(b"x", 1, 1)] * 4)
    sqlite_court.answer(dispute, pictures=[Picture(b"x", 1, 1)] * 3)
    with pytest.raises(DisputeAnswered):
        sqlite_court.answer(dispute)
