"""People who mean harm to each other, with genuine keys and genuine orders."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from shared.codes.payloads import OrderKind
from shared.codes.refusals import RevokedKey
from shared.db import outbox
from shared.db.unit import UnitOfWork
from shared.identity import keys
from shared.identity.models import Key
from shared.payments import actions, audit
from shared.payments.states import IntentState
from tests.payments.test_orders import request_of
from tests.world import World


def test_nobody_can_block_a_shops_intent_by_borrowing_its_number_for_a_sale_at_the_counter(world: World) -> None:
    mallory, li, shop = world.person("mallory"), world.person("li"), world.shop("tea")
    intent = world.intent(shop, 1250)
    borrowed = world.frame(mallory, OrderKind.PAY, "tea", 1, jti=bytes.fromhex(intent.jti))
    world.execute(world.prepared(borrowed))
    paid = world.execute(world.payment(li, intent, shop))
    assert paid.intent is not None
    assert (paid.intent.id, paid.intent.state, world.balance(shop)) == (intent.id, IntentState.CAPTURED, 1251)
    assert world.store.read(audit.run).faults == []


def test_a_key_given_up_right_after_its_payment_leaves_the_books_sound(world: World) -> None:
    ana, shop = world.person("ana"), world.shop("tea")
    order = world.payment(ana, world.intent(shop, 1250), shop)

    def pay_and_give_up(uow: UnitOfWork) -> None:
        actions.execute(uow, order=order)
        keys.revoke(uow, party_id=ana.id, kid=ana.key.public_key.kid_hex)

    world.store.run(pay_and_give_up)
    assert world.store.read(audit.run).faults == []


def test_a_payment_dated_after_its_key_was_given_up_is_caught_to_the_millisecond(world: World) -> None:
    ana, shop = world.person("ana"), world.shop("tea")
    world.execute(world.payment(ana, world.intent(shop, 1250), shop))
    world.store.run(keys.revoke, party_id=ana.id, kid=ana.key.public_key.kid_hex)
    paid_at = world.store.read(outbox.events_after, seq=0)[-1].created_at
    world.store.run(lambda uow: uow.execute(update(Key).where(Key.party_id == ana.id).values(revoked_at=paid_at - 1)))
    assert [fault.code for fault in world.store.read(audit.run).faults] == ["order_seal"]


def test_a_request_whose_key_was_given_up_meanwhile_is_not_paid(world: World) -> None:
    ana, li = world.person("ana"), world.person("li")
    text, jti = request_of(world, li, 700)
    order = world.prepared(world.frame(ana, OrderKind.SEND, "li", 700, subject=jti), text)
    world.store.run(keys.revoke, party_id=li.id, kid=li.key.public_key.kid_hex)
    with pytest.raises(RevokedKey):
        world.execute(order)
    assert world.balance(li) == 100_000
