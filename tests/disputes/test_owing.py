"""What a lost dispute costs: the shop's next batch pays it, to the minor unit, and carries over what it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.codes.payloads import OrderKind
from shared.payments import audit, intents
from shared.payments.orders import SignerMayNot, WrongPayee
from shared.settlement import adjustments, files, reconcile, takings
from shared.settlement.batches import Batch
from tests.disputes.conftest import Court
from tests.examples import IS_FULL
from tests.world import World


def sums(batch: Batch) -> tuple[int, ...]:
    """Gross, refunds, lost disputes, fee, carried in, net."""
    return (
        *(batch.gross_minor, batch.refunds_minor, batch.adjustments_minor),
        *(batch.fee_minor, batch.carried_in_minor, batch.net_minor),
    )


def taken(court: Court, batch: Batch) -> int:
    return court.world.store.read(adjustments.taken_by, batch=batch)


def test_the_next_batch_pays_for_what_was_lost(court: Court) -> None:
    court.lose(300)
    court.sell(1000)
    [batch] = court.settle()
    assert (sums(batch), batch.adjustments) == ((1300, 0, 300, 17, 0, 983), 1)
    assert (taken(court, batch), court.advanced, court.taken, court.in_transit) == (300, 0, 0, 983)


def test_what_was_lost_after_settling_is_taken_from_the_batch_after_that(court: Court) -> None:
    sale = court.sell(1000)
    [first] = court.settle()
    court.paid(first)
    court.accept(court.complain(sale, 1000))
    assert court.settle() == []  # a debt alone makes no batch
    assert [each.amount_minor for each in court.world.store.read(adjustments.waiting, shop_id=court.shop.id)] == [1000]
    court.sell(400)
    [second] = court.settle()
    assert (sums(second), second.state) == ((400, 0, 1000, 6, 0, -606), "closed")
    assert (taken(court, second), court.advanced, court.earned) == (394, 606, 12 + 6)  # the fee comes first
    court.sell(2000)
    [third] = court.settle()
    assert (sums(third), taken(court, third), court.advanced) == ((2000, 0, 0, 22, -606, 1372), 606, 0)
    assert (court.taken, court.again(second).carried_to) == (0, third.id)


def test_a_payout_that_came_back_pays_for_what_was_lost_meanwhile(court: Court) -> None:
    sale = court.sell(1000)
    [first] = court.settle()
    court.returned(first)
    court.accept(court.complain(sale, 100))
    [second] = court.settle()
    assert (sums(second), taken(court, second)) == ((0, 0, 100, 0, 988, 888), 100)


def test_the_file_has_a_line_for_it_and_files_without_one_stay_as_they_were(court: Court, tmp_path: Path) -> None:
    court.sell(500)
    [plain] = court.settle()
    assert b"dispute" not in court.content(plain)
    assert b"clawback" not in court.content(plain)
    lost = court.lose(300)
    [batch] = court.settle()
    content = court.content(batch).decode()
    assert f"clawback_transfer,{batch.clawback_transfer_id},295\n" in content
    assert f"dispute,{lost.id},{lost.intent_id},{lost.transfer_id}," in content
    assert "\ntotal,1,0,300,0,5,0,-5,300\n" in content
    said = files.parse(content.encode(), name="f")
    assert (said.totals, files.render(said)) == ((1, 0, 300, 0, 5, 0, -5, 300), content.encode())


def test_the_till_sees_beforehand_what_the_next_batch_takes(sqlite_court: Court) -> None:
    sqlite_court.lose(300)
    coming = sqlite_court.world.store.read(
        takings.next_batch, shop_id=sqlite_court.shop.id, cutoff_at=sqlite_court.world.now()
    )
    assert coming is not None
    [batch] = sqlite_court.settle()
    assert (coming.adjustments_minor, coming.clawback_minor, coming.net_minor) == (300, taken(sqlite_court, batch), -5)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE settlement_adjustment SET amount_minor = amount_minor - 1", "amount_differs"),
        ("DELETE FROM settlement_adjustment", "no_such_sale"),
        ("UPDATE settlement_batch SET clawback_transfer_id = NULL", "not_explained"),
        ("DELETE FROM settlement_line WHERE kind = 'dispute'", "totals_differ"),
    ],
)
def test_what_was_altered_about_a_lost_dispute_is_found(
    sqlite_world: World, tmp_path: Path, change: str, code: str
) -> None:
    court = Court(sqlite_world)
    court.lose(300)
    court.settle()
    assert court.differences(tmp_path) == []
    sqlite_world.store.run(lambda uow: uow.sql.run(change))
    found = {difference.code for difference in reconcile.run(sqlite_world.store, folder=tmp_path).differences}
    assert code in found


def test_what_was_made_good_cannot_be_made_to_look_as_if_it_was_not(sqlite_world: World) -> None:
    court = Court(sqlite_world)
    court.lose(300)
    sqlite_world.store.run(lambda uow: uow.sql.run("UPDATE payments_intent SET refunded_minor = 0"))
    assert [fault.code for fault in sqlite_world.store.read(audit.run).faults] == ["refund_mismatch"]


def test_nobody_but_the_operator_makes_good_or_takes_back(sqlite_court: Court) -> None:
    court, world = sqlite_court, sqlite_court.world
    sale = court.sell(100)
    about = {"subject": bytes.fromhex(sale.jti), "memo": sale.id}
    for kind, payee, why in (
        (OrderKind.MAKE_GOOD, court.payer.handle, SignerMayNot),
        (OrderKind.CLAWBACK, court.payer.handle, (SignerMayNot, WrongPayee)),
    ):
        with pytest.raises(why):
            world.execute(world.prepared(world.frame(court.shop, kind, payee, 100, **about)))


WHAT = ["sell", "refund", "lose", "lose part", "settle", "paid", "returned"]
DEEDS = st.lists(
    st.tuples(st.sampled_from(WHAT), st.integers(1, 900)),
    min_size=4,
    max_size=14,
)


@settings(max_examples=60 if IS_FULL else 6, deadline=None, suppress_health_check=list(HealthCheck))
@given(deeds=DEEDS)
def test_whatever_happens_on_some_days_everything_agrees(
    sqlite_world: World, tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[str, int]]
) -> None:
    names = [f"{who}{sqlite_world.now()}{len(deeds)}" for who in ("ana", "tea")]
    court = Court(sqlite_world, payer=names[0], shop=names[1])
    sales = [court.sell(500)]
    for what, amount in [*deeds, ("sell", 20_000), ("settle", 0)]:
        sale = court.world.store.read(intents.by_id, id=sales[amount % len(sales)].id)
        left = sale.captured_minor - sale.refunded_minor
        if what == "sell":
            sales.append(court.sell(amount))
        elif what == "refund" and 0 < left <= court.taken:
            court.refund(sale, left)
        elif what.startswith("lose"):
            sales.append(court.sell(amount))
            court.accept(court.complain(sales[-1], amount if what == "lose" else max(1, amount // 2)))
        elif what in ("settle", "paid", "returned"):
            for batch in court.settle():
                if batch.payout_transfer_id and what != "settle":
                    (court.paid if what == "paid" else court.returned)(batch)
    assert (court.taken, court.advanced) == (0, 0)
    assert court.differences(tmp_path_factory.mktemp("files")) == []
