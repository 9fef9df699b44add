"""Settlement: every captured sale and every refund is settled once, and what is paid out is exactly what is due."""

from __future__ import annotations

import threading

import pytest

from shared.codes.payloads import OrderKind
from shared.db.unit import Reader
from shared.identity import parties
from shared.ledger import transfers
from shared.ledger.posting import InsufficientFunds
from shared.settlement import actions, takings
from shared.settlement.actions import BadRate, CutoffInFuture, NotAShop
from shared.settlement.batches import Batch
from shared.settlement.fees import Rate
from tests.settlement.day import Day
from tests.world import SECRET, World


def sums(batch: Batch) -> tuple[int, int, int, int, int]:
    """Gross, refunds, fee, carried in, net."""
    return batch.gross_minor, batch.refunds_minor, batch.fee_minor, batch.carried_in_minor, batch.net_minor


def test_a_batch_pays_out_what_was_sold_less_refunds_and_fee(day: Day) -> None:
    day.sell(1000, 550)
    day.refund(day.sell(300), 120)
    day.world.intent(day.shop, 999)

    [batch] = day.settle()

    assert (batch.state, batch.sales, batch.refunds) == ("in_transit", 3, 1)
    assert sums(batch) == (1850, 120, 24, 0, 1706)  # 18.5 is rounded to 18, and 2 for each of three
    assert (day.taken, day.in_transit, day.earned) == (0, 1706, 24)


def test_each_shop_gets_its_own_batch_at_its_own_rate(sqlite_world: World) -> None:
    tea, books = Day(sqlite_world), Day(sqlite_world, rate=Rate(0, 0), shop="books", payer="li")
    tea.sell(1000)
    books.sell(1000)
    batches = {batch.shop_id: batch.net_minor for batch in tea.settle()}
    assert batches == {tea.shop.id: 988, books.shop.id: 1000}


def test_a_shop_without_a_rate_pays_nothing(sqlite_world: World) -> None:
    ana, tea = sqlite_world.person("ana"), sqlite_world.shop("tea")
    sqlite_world.sold(tea, ana, 777)
    [batch] = actions.settle(sqlite_world.store, cutoff_at=None, secret=SECRET).batches
    assert (batch.fee_minor, batch.fee_transfer_id, batch.net_minor) == (0, None, 777)


def test_settling_again_changes_nothing(day: Day) -> None:
    day.sell(100)
    cutoff = day.world.now()
    assert len(day.settle(cutoff)) == 1
    before = day.world.store.read(everything)
    assert day.settle(cutoff) == day.settle() == []
    assert day.world.store.read(everything) == before


def test_closing_the_same_batch_again_answers_with_it(sqlite_day: Day) -> None:
    day = sqlite_day
    day.sell(100)
    call = {"shop_id": day.shop.id, "cutoff_at": day.world.now(), "batch_id": "bat_" + "0" * 26, "secret": SECRET}
    first = day.world.store.run(actions.close_batch, **call)
    day.sell(50)
    assert day.world.store.run(actions.close_batch, **call) == first


def test_sales_after_the_cutoff_wait_for_the_next_batch(sqlite_day: Day) -> None:
    day = sqlite_day
    day.sell(100)
    cutoff = day.world.now()
    day.world.pass_time(60)
    day.sell(40)
    [first] = day.settle(cutoff)
    assert (first.gross_minor, day.taken) == (100, 40)
    [second] = day.settle()
    assert second.gross_minor == 40


def test_a_sale_in_the_very_millisecond_of_the_cutoff_is_in(sqlite_day: Day) -> None:
    day = sqlite_day
    sale = day.sell(100)
    assert sale.closed_at is not None
    assert day.settle(sale.closed_at - 1) == []
    assert [batch.gross_minor for batch in day.settle(sale.closed_at)] == [100]


def test_a_sale_at_the_static_code_is_settled_too(sqlite_day: Day) -> None:
    day = sqlite_day
    day.world.execute(day.world.prepared(day.world.frame(day.payer, OrderKind.PAY, "tea", 300)))
    assert [batch.gross_minor for batch in day.settle()] == [300]


def test_only_the_captured_part_of_an_authorized_sale_is_settled(sqlite_day: Day) -> None:
    day = sqlite_day
    intent = day.world.intent(day.shop, 500, capture_method="manual")
    day.world.execute(day.world.hold(day.payer, intent, day.shop))
    assert day.settle() == []
    day.world.pass_time(6 * 86_400)
    day.world.execute(day.world.capture(day.shop, intent, day.payer, 200))
    assert [batch.gross_minor for batch in day.settle()] == [200]


def test_a_sale_authorized_long_before_the_last_cutoff_is_not_forgotten(sqlite_day: Day) -> None:
    day = sqlite_day
    intent = day.world.intent(day.shop, 500, capture_method="manual")
    day.world.execute(day.world.hold(day.payer, intent, day.shop))
    for _ in range(6):
        day.world.pass_time(86_400)
        day.sell(10)
        day.settle()
    day.world.execute(day.world.capture(day.shop, intent, day.payer, 500))
    assert [batch.gross_minor for batch in day.settle()] == [500]


def test_a_cutoff_in_the_future_is_refused(sqlite_day: Day) -> None:
    day = sqlite_day
    with pytest.raises(CutoffInFuture):
        day.settle(day.world.now() + 60_000)


def test_nothing_sold_means_no_batch(sqlite_day: Day) -> None:
    day = sqlite_day
    assert day.settle() == []


def test_a_refund_after_the_settlement_is_taken_from_the_next_batch(sqlite_day: Day) -> None:
    day = sqlite_day
    sale = day.sell(1000)
    day.settle()
    day.sell(500)
    day.refund(sale, 200)
    [batch] = day.settle()
    assert sums(batch) == (500, 200, 7, 0, 293)
    assert (day.taken, day.in_transit) == (0, 988 + 293)


def test_a_refund_after_the_cutoff_goes_with_the_batch_since_its_money_has_left(sqlite_day: Day) -> None:
    day = sqlite_day
    sale = day.sell(1000)
    cutoff = day.world.now()
    day.world.pass_time(60)
    day.refund(sale, 400)
    [batch] = day.settle(cutoff)
    assert sums(batch) == (1000, 400, 12, 0, 588)
    assert day.settle() == []


def test_refunds_alone_make_a_closed_batch_whose_negative_net_is_carried(sqlite_day: Day) -> None:
    day = sqlite_day
    old = day.sell(1000)
    day.settle()
    day.world.pass_time(60)
    day.sell(700)
    day.refund(old, 300)
    refunded_at = day.world.now()
    day.world.pass_time(60)
    day.sell(100)
    [first, second] = [*day.settle(day.world.now() - 60_000), *day.settle()]
    assert first.cutoff_at >= refunded_at - 60_000
    assert sums(first) == (700, 300, 9, 0, 391)
    assert sums(second) == (100, 0, 3, 0, 97)


def test_a_negative_net_is_carried_and_the_fee_collected_when_there_is_money(day: Day) -> None:
    day.refund(day.sell(300), 300)  # the sale is undone; its fee of 5 stays due
    [first] = day.settle()
    assert (first.state, sums(first)) == ("closed", (300, 300, 5, 0, -5))
    assert (first.fee_transfer_id, day.taken, day.earned) == (None, 0, 0)

    assert day.settle() == []  # a debt alone makes no batch
    day.sell(1000)
    [second] = day.settle()

    assert sums(second) == (1000, 0, 12, -5, 983)
    assert (day.taken, day.in_transit, day.earned) == (0, 983, 17)
    assert day.again(first).carried_to == second.id
    assert second.carried_to is None


def test_a_fee_is_taken_only_as_far_as_the_batchs_money_reaches(day: Day) -> None:
    old = day.sell(10_000)
    day.settle()
    earned = day.earned
    cutoff_sale = day.sell(500)
    assert cutoff_sale.closed_at is not None
    day.world.pass_time(60)
    day.sell(600)
    day.refund(old, 497)

    [first] = day.settle(cutoff_sale.closed_at)
    assert sums(first) == (500, 497, 7, 0, -4)
    assert (day.taken, day.earned - earned) == (600, 3)  # later sales are not touched

    [second] = day.settle()
    assert sums(second) == (600, 0, 8, -4, 588)
    assert (day.taken, day.earned - earned) == (0, 3 + 4 + 8)


def test_debts_of_several_batches_add_up_until_a_sale_covers_them(sqlite_day: Day) -> None:
    day = sqlite_day
    for _ in range(3):
        day.refund(day.sell(100), 100)
        [batch] = day.settle()
    assert (batch.net_minor, day.earned) == (-9, 0)
    day.sell(1000)
    [last] = day.settle()
    assert (last.carried_in_minor, last.net_minor, day.earned) == (-9, 979, 21)


def test_a_fee_that_eats_the_whole_sale_leaves_nothing_to_pay_out(sqlite_world: World) -> None:
    day = Day(sqlite_world, rate=Rate(0, 50))
    day.sell(30)
    [batch] = day.settle()
    assert (batch.state, sums(batch), day.earned) == ("closed", (30, 0, 30, 0, 0), 30)


def test_fee_and_payout_are_one_group_in_the_ledger(sqlite_day: Day) -> None:
    day = sqlite_day
    day.sell(100)
    [batch] = day.settle()
    assert batch.fee_transfer_id
    assert batch.payout_transfer_id
    found = day.world.store.read(transfers.by_ids, ids=[batch.fee_transfer_id, batch.payout_transfer_id])
    assert {row.kind: (row.amount_minor, row.group_id, row.reference) for row in found.values()} == {
        "fee": (3, batch.id, batch.id),
        "payout": (97, batch.id, batch.id),
    }


def test_a_new_rate_counts_from_the_next_batch_and_old_batches_keep_theirs(sqlite_day: Day) -> None:
    day = sqlite_day
    day.sell(1000)
    [first] = day.settle()
    day.world.store.run(actions.set_rate, shop_id=day.shop.id, rate=Rate(300, 0))
    day.sell(1000)
    [second] = day.settle()
    assert [(b.basis_points, b.fixed_minor, b.fee_minor) for b in (first, second)] == [(100, 2, 12), (300, 0, 30)]


@pytest.mark.parametrize("rate", [Rate(-1, 0), Rate(10_001, 0), Rate(0, -1), Rate(0, 10**12 + 1)])
def test_a_rate_out_of_range_is_refused(sqlite_world: World, rate: Rate) -> None:
    shop = sqlite_world.shop("tea")
    with pytest.raises(BadRate):
        sqlite_world.store.run(actions.set_rate, shop_id=shop.id, rate=rate)


def test_a_person_has_no_rate(sqlite_world: World) -> None:
    ana = sqlite_world.person("ana")
    with pytest.raises(NotAShop):
        sqlite_world.store.run(actions.set_rate, shop_id=ana.id, rate=Rate(60, 0))


def test_a_shop_that_cannot_be_settled_does_not_keep_the_others_from_their_money(sqlite_world: World) -> None:
    tea, books = Day(sqlite_world), Day(sqlite_world, shop="books", payer="li")
    tea.sell(100)
    books.sell(70)
    sqlite_world.store.run(parties.freeze, party_id=tea.shop.id, is_frozen=True)
    done = actions.settle(sqlite_world.store, cutoff_at=None, secret=SECRET)
    assert [batch.shop_id for batch in done.batches] == [books.shop.id]
    assert [(shop, why.code) for shop, why in done.refused] == [(tea.shop.id, "party_frozen")]
    assert tea.taken == 100


def test_more_than_one_payout_can_carry_becomes_several_batches(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takings, "MAX_MINOR", 250)
    day = Day(sqlite_world, rate=Rate(0, 0))
    day.sell(100, 100, 100, 240, 20)
    batches = day.settle()
    assert [batch.gross_minor for batch in batches] == [200, 100, 240, 20]
    assert [batch.cutoff_at for batch in batches] == sorted(batch.cutoff_at for batch in batches)
    day.returned(batches[0])
    day.returned(batches[2])
    assert [batch.net_minor for batch in day.settle()] == [200, 240]


def test_two_settlements_at_once_settle_each_sale_once(day: Day) -> None:
    day.sell(*[10] * 10)
    made: list[Batch] = []
    threads = [threading.Thread(target=lambda: made.extend(day.settle())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(batch.gross_minor for batch in made) == 100
    assert day.taken == 0


def test_settling_while_sales_and_refunds_go_on_loses_nothing(day: Day) -> None:
    sales = [day.sell(100) for _ in range(12)]
    done = threading.Event()
    made: list[Batch] = []

    def keep_settling() -> None:
        while not done.is_set():
            made.extend(day.settle())

    settler = threading.Thread(target=keep_settling)
    settler.start()
    refunded = 0
    for sale in sales:
        day.sell(200)
        try:
            day.refund(sale, 60)
            refunded += 60
        except InsufficientFunds:  # a batch has just paid the shop's money out
            continue
    done.set()
    settler.join()
    made.extend(day.settle())
    assert sum(batch.gross_minor for batch in made) == 12 * 300
    assert sum(batch.refunds_minor for batch in made) == refunded
    assert day.taken == 0


def everything(reader: Reader) -> list[list[tuple[object, ...]]]:
    """All rows that settling could touch."""
    tables = ("settlement_batch", "settlement_line", "ledger_transfer", "ledger_account", "payments_order", "db_event")
    return [reader.sql.rows(f"SELECT * FROM {table} ORDER BY 1") for table in tables]
