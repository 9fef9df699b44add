"""Payouts: in transit until the bank says that they arrived, or sends them back."""

from __future__ import annotations

import pytest

from shared.identity import parties
from shared.identity.names import BadName
from shared.ledger import chart
from shared.settlement import payouts
from shared.settlement.batches import UnknownBatch
from shared.settlement.payouts import NoPayout, PayoutEnded
from tests.settlement.day import Day
from tests.world import SECRET


def test_a_payout_that_arrives_leaves_the_books(day: Day) -> None:
    day.sell(1000)
    [batch] = day.settle()
    bank = day.balance(chart.BANK)

    paid = day.paid(batch)

    assert (paid.state, paid.ended_at is not None, paid.end_transfer_id is not None) == ("paid", True, True)
    assert (day.in_transit, day.balance(chart.BANK) - bank) == (0, 988)
    assert day.paid(batch) == paid  # said again, nothing moves
    assert day.in_transit == 0


def test_a_payout_that_comes_back_is_paid_out_with_the_next_batch(day: Day) -> None:
    day.sell(1000)
    [first] = day.settle()

    back = day.returned(first, "account closed")

    assert (back.state, back.return_reason, day.taken, day.in_transit) == ("returned", "account closed", 988, 0)
    assert day.returned(first, "account closed") == back
    [second] = day.settle()
    assert (second.sales, second.gross_minor, second.carried_in_minor, second.net_minor) == (0, 0, 988, 988)
    assert (day.taken, day.in_transit) == (0, 988)
    assert day.again(first).carried_to == second.id
    assert day.settle() == []


def test_what_came_back_pays_what_the_shop_owes(day: Day) -> None:
    sale = day.sell(1000)
    [first] = day.settle()
    day.returned(first)
    day.refund(sale, 500)
    day.refund(day.sell(100), 100)
    [second] = day.settle()
    assert (second.carried_in_minor, second.refunds_minor, second.fee_minor) == (988, 600, 3)
    assert (second.net_minor, day.taken, day.earned) == (485, 0, 15)


def test_a_payout_that_came_back_after_the_cutoff_waits(sqlite_day: Day) -> None:
    sqlite_day.sell(1000)
    [first] = sqlite_day.settle()
    sqlite_day.world.pass_time(60)
    cutoff = sqlite_day.world.now()
    sqlite_day.world.pass_time(60)
    sqlite_day.returned(first)
    assert sqlite_day.settle(cutoff) == []
    assert [batch.carried_in_minor for batch in sqlite_day.settle()] == [988]


@pytest.mark.parametrize("first", ["paid", "returned"])
def test_a_payout_ends_once(sqlite_day: Day, first: str) -> None:
    sqlite_day.sell(1000)
    [batch] = sqlite_day.settle()
    ways = {"paid": sqlite_day.paid, "returned": sqlite_day.returned}
    ways.pop(first)(batch)
    [other] = ways.values()
    with pytest.raises(PayoutEnded):
        other(batch)
    assert sqlite_day.again(batch).state == first


def test_a_batch_without_a_payout_cannot_be_paid(sqlite_day: Day) -> None:
    sqlite_day.refund(sqlite_day.sell(300), 300)
    [batch] = sqlite_day.settle()
    with pytest.raises(NoPayout):
        sqlite_day.paid(batch)


def test_an_unknown_batch_is_none(sqlite_day: Day) -> None:
    with pytest.raises(UnknownBatch):
        sqlite_day.world.store.run(payouts.mark_paid, batch_id="bat_" + "0" * 26, secret=SECRET)


def test_a_reason_that_hides_characters_is_refused(sqlite_day: Day) -> None:
    sqlite_day.sell(1000)
    [batch] = sqlite_day.settle()
    with pytest.raises(BadName):
        sqlite_day.returned(batch, "closed\u202e")
    assert sqlite_day.again(batch).state == "in_transit"


def test_the_shop_hears_of_its_batches(sqlite_day: Day) -> None:
    sqlite_day.sell(1000)
    [batch] = sqlite_day.settle()
    sqlite_day.paid(batch)
    rows = sqlite_day.world.store.read(lambda reader: reader.sql.rows("SELECT name, topics FROM db_event ORDER BY seq"))
    heard = [
        name
        for name, topics in rows
        if f"party:{sqlite_day.shop.id}" in topics and name.startswith(("batch.", "payout."))
    ]
    assert heard == ["batch.closed", "payout.created", "batch.paid", "payout.paid"]


def test_what_the_bank_did_is_booked_for_a_frozen_shop_too(sqlite_day: Day) -> None:
    sqlite_day.sell(100)
    [batch] = sqlite_day.settle()
    sqlite_day.world.store.run(parties.freeze, party_id=sqlite_day.shop.id, is_frozen=True)
    assert sqlite_day.paid(batch).state == "paid"
