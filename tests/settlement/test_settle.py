"""Settlement: every captured sale is paid out once, up to the cut-off, signed by the operator."""

from __future__ import annotations

import threading

import pytest

from shared.codes.payloads import OrderKind
from shared.identity import parties
from shared.ledger import accounts, chart
from shared.payments import audit
from shared.settlement import actions
from tests.world import SECRET, Member, World


def sell(world: World, payer: Member, shop: Member, amount_minor: int) -> None:
    world.execute(world.payment(payer, world.intent(shop, amount_minor), shop))


def in_transit(world: World, shop: Member) -> int:
    return world.store.read(accounts.balance, code=chart.payout_account(shop.id)).balance_minor


def test_each_shop_gets_one_batch_of_its_captured_sales(world: World) -> None:
    ana, tea, books = world.person("ana"), world.shop("tea"), world.shop("books")
    for amount in (100, 250):
        sell(world, ana, tea, amount)
    sell(world, ana, books, 70)
    world.intent(tea, 999)
    batches = {batch.shop_id: batch for batch in actions.settle(world.store, cutoff_at=None, secret=SECRET).batches}
    assert {shop: (batch.sales, batch.gross_minor) for shop, batch in batches.items()} == {
        tea.id: (2, 350),
        books.id: (1, 70),
    }
    assert (world.balance(tea), in_transit(world, tea), in_transit(world, books)) == (0, 350, 70)
    assert world.store.read(audit.run).faults == []


def test_settling_again_changes_nothing(world: World) -> None:
    ana, tea = world.person("ana"), world.shop("tea")
    sell(world, ana, tea, 100)
    cutoff = world.now()
    assert len(actions.settle(world.store, cutoff_at=cutoff, secret=SECRET).batches) == 1
    assert actions.settle(world.store, cutoff_at=cutoff, secret=SECRET).batches == []
    assert actions.settle(world.store, cutoff_at=None, secret=SECRET).batches == []
    assert in_transit(world, tea) == 100


def test_sales_after_the_cutoff_wait_for_the_next_batch(world: World) -> None:
    ana, tea = world.person("ana"), world.shop("tea")
    sell(world, ana, tea, 100)
    cutoff = world.now()
    world.pass_time(60)
    sell(world, ana, tea, 40)
    [first] = actions.settle(world.store, cutoff_at=cutoff, secret=SECRET).batches
    [second] = actions.settle(world.store, cutoff_at=None, secret=SECRET).batches
    assert (first.gross_minor, second.gross_minor) == (100, 40)


def test_a_sale_at_the_static_code_is_settled_too(world: World) -> None:
    ana, _tea = world.person("ana"), world.shop("tea")
    world.execute(world.prepared(world.frame(ana, OrderKind.PAY, "tea", 30)))
    [batch] = actions.settle(world.store, cutoff_at=None, secret=SECRET).batches
    assert batch.gross_minor == 30


def test_a_cutoff_in_the_future_is_refused(world: World) -> None:
    with pytest.raises(actions.CutoffInFuture):
        actions.settle(world.store, cutoff_at=world.now() + 60_000, secret=SECRET)


def test_nothing_sold_means_no_batch(world: World) -> None:
    world.shop("tea")
    assert actions.settle(world.store, cutoff_at=None, secret=SECRET).batches == []


def test_a_shop_that_cannot_be_settled_does_not_keep_the_others_from_their_money(world: World) -> None:
    ana, tea, books = world.person("ana"), world.shop("tea"), world.shop("books")
    sell(world, ana, tea, 100)
    sell(world, ana, books, 70)
    world.store.run(parties.freeze, party_id=tea.id, is_frozen=True)
    done = actions.settle(world.store, cutoff_at=None, secret=SECRET)
    assert [batch.shop_id for batch in done.batches] == [books.id]
    assert [(shop, why.code) for shop, why in done.refused] == [(tea.id, "party_frozen")]


def test_two_settlements_at_once_pay_each_sale_once(world: World) -> None:
    ana, tea = world.person("ana"), world.shop("tea")
    for _ in range(10):
        sell(world, ana, tea, 10)
    made: list[actions.Batch] = []

    def run() -> None:
        made.extend(actions.settle(world.store, cutoff_at=None, secret=SECRET).batches)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(batch.gross_minor for batch in made) == 100 == in_transit(world, tea)
    assert world.store.read(audit.run).faults == []
