"""What is unknown keeps its order and moves nothing; what it comes to is executed once, and the audit sees it all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.identity import keys
from shared.payments import audit, intents, outcomes, presented, staging
from shared.payments.intents import PaymentIntent
from shared.payments.orders import Prepared
from shared.payments.staging import Played
from shared.payments.states import IntentState, OutcomePending
from tests.payments.test_audit import damage, fault_codes
from tests.world import Member, World

MEMO = {"memo": "2 teas #unknown-then-succeeds"}


def staged(world: World, payer: Member, intent: PaymentIntent, shop: Member) -> Prepared:
    """The order with which a phone pays at a sandbox."""
    return replace(world.payment(payer, intent, shop), plays=True)


def played(world: World, order: Prepared) -> Played:
    with pytest.raises(outcomes.Staged):
        world.execute(order)
    answer: Played = world.store.run(staging.play, order=order)
    return answer


def state(world: World, intent: PaymentIntent) -> IntentState:
    return world.store.read(intents.by_id, id=intent.id).state


def test_what_is_unknown_is_executed_once_as_of_when_it_was_taken_in(world: World) -> None:
    ana, shop = world.person("ana"), world.shop("tea")
    intent = world.intent(shop, 1_250, **MEMO)
    order = staged(world, ana, intent, shop)
    assert played(world, order).intent.state is IntentState.UNKNOWN
    assert (world.balance(ana), world.balance(shop)) == (100_000, 0)
    assert world.store.run(staging.play, order=order).intent.state is IntentState.UNKNOWN
    with pytest.raises(OutcomePending):
        world.execute(world.payment(world.person("bea"), intent, shop))
    assert world.store.run(staging.resolve_due) == 0
    world.pass_time(600)  # its own two minutes are long over
    assert world.store.run(staging.resolve_due) == 1
    assert state(world, intent) is IntentState.CAPTURED
    assert (world.balance(ana), world.balance(shop)) == (98_750, 1_250)
    assert world.execute(order).is_replay
    assert world.store.run(staging.resolve_due) == 0
    assert world.store.read(audit.run).faults == []


def test_a_payer_code_that_waited_is_taken_by_the_order_that_charged_it(world: World) -> None:
    ana, shop = world.person("ana"), world.shop("tea")
    world.limit(ana, 20_000)
    waiting, other = world.intent(shop, 1_250, **MEMO), world.intent(shop, 500)
    old, new = world.payer_code(ana), world.payer_code(ana)
    order = replace(world.charge(shop, waiting, old), plays=True)
    assert world.store.run(presented.charge_presented, order=order).state is IntentState.UNKNOWN
    assert world.store.run(presented.charge_presented, order=order).state is IntentState.UNKNOWN
    assert world.present(shop, other, new).state is IntentState.CAPTURED  # a newer code is charged meanwhile
    world.pass_time(61)
    world.store.run(staging.resolve_due)
    assert state(world, waiting) is IntentState.CAPTURED
    assert world.store.read(audit.run).faults == []


def test_only_a_sandbox_plays(sqlite_world: World) -> None:
    world, ana, shop = sqlite_world, sqlite_world.person("ana"), sqlite_world.shop("tea")
    done = world.execute(world.payment(ana, world.intent(shop, 9_901, memo="#declined"), shop))
    assert done.intent is not None
    assert done.intent.state is IntentState.CAPTURED


def test_a_key_that_was_given_up_meanwhile_pays_nothing(sqlite_world: World) -> None:
    world, ana, shop = sqlite_world, sqlite_world.person("ana"), sqlite_world.shop("tea")
    intent = world.intent(shop, 1_250, **MEMO)
    order = staged(world, ana, intent, shop)
    played(world, order)
    world.store.run(keys.revoke, party_id=ana.id, kid=order.kid)
    world.pass_time(61)
    world.store.run(staging.resolve_due)
    assert (state(world, intent), world.balance(ana)) == (IntentState.DECLINED, 100_000)
    assert world.store.read(audit.run).faults == []


ALTERED = {
    "taken in later than executed": (
        "UPDATE payments_undecided SET accepted_at = accepted_at + 86400000",
        "order_mismatch",
    ),
    "taken in before it was signed": (
        "UPDATE payments_undecided SET accepted_at = accepted_at - 86400000",
        "order_seal",
    ),
    "resolved at another time": ("UPDATE payments_undecided SET resolved_at = resolved_at + 1", "order_mismatch"),
    "never taken in": ("DELETE FROM payments_undecided", "order_seal"),
}


@pytest.mark.parametrize(("change", "code"), ALTERED.values(), ids=list(ALTERED))
def test_an_order_that_waited_is_held_to_what_it_waited_for(sqlite_world: World, change: str, code: str) -> None:
    world, ana, shop = sqlite_world, sqlite_world.person("ana"), sqlite_world.shop("tea")
    played(world, staged(world, ana, world.intent(shop, 1_250, **MEMO), shop))
    world.pass_time(600)
    world.store.run(staging.resolve_due)
    assert fault_codes(world) == set()
    damage(world, change)
    assert code in fault_codes(world)


def test_an_intent_that_is_unknown_without_an_order_is_a_fault(sqlite_world: World) -> None:
    world, ana, shop = sqlite_world, sqlite_world.person("ana"), sqlite_world.shop("tea")
    played(world, staged(world, ana, world.intent(shop, 1_250, **MEMO), shop))
    assert fault_codes(world) == set()
    damage(world, "DELETE FROM payments_undecided")
    assert fault_codes(world) == {"intent_mismatch"}
