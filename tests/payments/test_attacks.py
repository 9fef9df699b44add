"""People who mean harm to each other, with genuine keys and genuine orders."""

from __future__ import annotations

from shared.codes.payloads import OrderKind
from shared.payments import audit
from shared.payments.states import IntentState
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
