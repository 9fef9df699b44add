"""Two processes, one moment, one sum of money: it moves once, whoever comes first, and the books say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from shared.ledger import accounts, chart
from shared.ledger.accounts import Balance
from shared.payments import audit, intents
from shared.payments.intents import PaymentIntent
from tests.examples import share
from tests.races.contest import DONE, NOTHING_DUE, PAID_OUT, REPLAY, Contest, Settle, charge, order
from tests.world import Member, World

RACES = share("races a kind")
AMOUNT = 70


@dataclass
class Scene:
    """A payer with more than enough, a shop, and the two processes."""

    world: World
    payer: Member
    shop: Member
    contest: Contest

    def authorized(self) -> PaymentIntent:
        """An intent whose money is held."""
        asked = self.world.intent(self.shop, AMOUNT, capture_method=intents.MANUAL)
        done = self.world.execute(self.world.hold(self.payer, asked, self.shop))
        assert done.intent is not None
        return done.intent

    def account(self, member: Member) -> Balance:
        return self.world.store.read(accounts.balance, code=chart.account_of(member.party.kind, member.id))

    def paid_out(self) -> int:
        """What is on its way from the shop to the bank, in minor units."""
        code = chart.payout_account(self.shop.id)
        return self.world.store.read(accounts.balances, codes=[code])[code].balance_minor


@pytest.fixture
def scene(world: World, database_url: str) -> Iterator[Scene]:
    """On each engine in turn; at the end the audit agrees with whatever happened."""
    contest = Contest(database_url)
    yield Scene(world, world.person("ana", balance_minor=1_000_000), world.shop("tea"), contest)
    contest.close()
    assert world.store.read(audit.run).faults == []


def test_the_last_cent_is_spent_once(scene: Scene) -> None:
    world = scene.world
    li, bo = world.person("li", balance_minor=0), world.person("bo", balance_minor=0)
    for number in range(RACES):
        payer = world.person(f"payer{number}", balance_minor=1)

        won = scene.contest.race(order(world.transfer(payer, li, 1)), order(world.transfer(payer, bo, 1)))

        assert sorted(won) == [DONE, "insufficient_funds"]
        assert world.balance(payer) == 0
    assert world.balance(li) + world.balance(bo) == RACES


def test_two_payers_of_one_intent_pay_it_once(scene: Scene) -> None:
    world, ana, tea = scene.world, scene.payer, scene.shop
    li = world.person("li", balance_minor=1_000_000)
    for _ in range(RACES):
        intent = world.intent(tea, AMOUNT)

        won = scene.contest.race(order(world.payment(ana, intent, tea)), order(world.payment(li, intent, tea)))

        assert sorted(won) == ["already_paid", DONE]
    assert world.balance(tea) == AMOUNT * RACES
    assert world.balance(ana) + world.balance(li) == 2_000_000 - AMOUNT * RACES


def test_one_order_given_twice_is_carried_out_once(scene: Scene) -> None:
    world, ana, tea = scene.world, scene.payer, scene.shop
    for _ in range(RACES):
        payment = order(world.payment(ana, world.intent(tea, AMOUNT), tea))

        assert sorted(scene.contest.race(payment, payment)) == [DONE, REPLAY]
    assert world.balance(tea) == AMOUNT * RACES


def test_one_payer_code_is_charged_once(scene: Scene) -> None:
    """For two sales by two tills; for one sale, by a till that asks twice; and by two codes for one sale."""
    world, ana, tea = scene.world, scene.payer, scene.shop
    world.limit(ana, AMOUNT)
    for number in range(RACES):
        one, other = world.intent(tea, AMOUNT), world.intent(tea, AMOUNT)
        code = world.payer_code(ana)
        if number % 4 < 2:
            won = scene.contest.race(charge(world.charge(tea, one, code)), charge(world.charge(tea, other, code)))
            assert sorted(won) == ["captured", "code_spent"]
        elif number % 4 == 2:
            won = scene.contest.race(charge(world.charge(tea, one, code)), charge(world.charge(tea, one, code)))
            assert won == ("captured", "captured")
        else:
            newer = world.charge(tea, one, world.payer_code(ana))
            won = scene.contest.race(charge(world.charge(tea, one, code)), charge(newer))
            assert sorted(won) in (["already_paid", "captured"], ["captured", "counter_went_back"])
    assert (world.balance(ana), world.balance(tea)) == (1_000_000 - AMOUNT * RACES, AMOUNT * RACES)


def test_two_captures_take_the_money_once(scene: Scene) -> None:
    world, ana, tea = scene.world, scene.payer, scene.shop
    for _ in range(RACES):
        intent = scene.authorized()

        won = scene.contest.race(
            order(world.capture(tea, intent, ana, AMOUNT)), order(world.capture(tea, intent, ana, AMOUNT))
        )

        assert sorted(won) == [DONE, "intent_closed"]
    assert world.balance(tea) == AMOUNT * RACES
    assert (scene.account(ana).debits_pending, world.balance(ana)) == (0, 1_000_000 - AMOUNT * RACES)


def test_a_void_and_a_capture_never_both_happen(scene: Scene) -> None:
    world, ana, tea = scene.world, scene.payer, scene.shop
    captured = 0
    for _ in range(RACES):
        intent = scene.authorized()

        won = scene.contest.race(order(world.capture(tea, intent, ana, AMOUNT)), order(world.void(tea, intent, ana)))

        assert sorted(won) == [DONE, "intent_closed"]
        captured += won[0] == DONE
    assert world.balance(tea) == AMOUNT * captured
    assert (scene.account(ana).debits_pending, world.balance(ana)) == (0, 1_000_000 - AMOUNT * captured)


def test_two_refunds_never_give_back_more_than_was_taken(scene: Scene) -> None:
    """Each is for more than half of it, so only one can be; a third of it still fits afterwards."""
    world, ana, tea = scene.world, scene.payer, scene.shop
    for _ in range(RACES):
        intent = world.sold(tea, ana, AMOUNT)

        won = scene.contest.race(order(world.refund(tea, intent, ana, 40)), order(world.refund(tea, intent, ana, 45)))

        assert sorted(won) == [DONE, "refund_exceeds_captured"]
        world.execute(world.refund(tea, intent, ana, 25 if won[1] == DONE else 30))
    assert (world.balance(ana), world.balance(tea)) == (1_000_000, 0)


def test_a_sale_is_paid_out_or_refunded_never_both(scene: Scene) -> None:
    world, ana, tea = scene.world, scene.payer, scene.shop
    paid_out = 0
    for _ in range(RACES):
        intent = world.sold(tea, ana, AMOUNT)

        won = scene.contest.race(Settle(tea.id), order(world.refund(tea, intent, ana, AMOUNT)))

        assert won in {(PAID_OUT, "insufficient_funds"), (NOTHING_DUE, DONE)}
        paid_out += won[0] == PAID_OUT
        assert world.balance(tea) == 0
    assert world.balance(ana) == 1_000_000 - AMOUNT * paid_out
    if paid_out:
        assert scene.paid_out() == AMOUNT * paid_out


def test_two_settlements_pay_a_shop_out_once(scene: Scene) -> None:
    world, ana, tea = scene.world, scene.payer, scene.shop
    for _ in range(RACES):
        world.sold(tea, ana, AMOUNT)

        assert sorted(scene.contest.race(Settle(tea.id), Settle(tea.id))) == [NOTHING_DUE, PAID_OUT]
    assert (world.balance(tea), scene.paid_out()) == (0, AMOUNT * RACES)
