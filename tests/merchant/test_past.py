"""A past for the demo shop: real sales of days gone by, over which audit, reconciling, charts and statements agree."""

from __future__ import annotations

import random
from datetime import UTC
from pathlib import Path

import pytest

from merchant import past_days, seed
from merchant.insight import periods, queries
from merchant.money import month, position
from shared.config import from_environment
from shared.db.store import Store
from shared.db.unit import Reader
from shared.identity import parties
from shared.ledger import accounts, chart
from shared.payments import audit
from shared.settlement import batches, files, reconcile
from shared.web import months
from tests.merchant.shop import Shop, open_shop
from tests.merchant.test_money import words
from tests.world import SECRET

DAYS = 2


@pytest.fixture
def place(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Store, Path]:
    """A fresh database, on each engine, whose shop has sold for two days."""
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    config = from_environment({"SAOMA_DATA_DIR": str(tmp_path / "data"), "SAOMA_DEMO": "1"})
    seed.seed_shop(store, config=config, secret=SECRET, history_days=DAYS)
    return store, config.data_dir


def test_a_past_agrees_with_the_ledger_in_every_book_and_on_every_page(place: tuple[Store, Path]) -> None:
    store, folder = place
    assert store.read(audit.run).faults == []
    report = reconcile.run(store, folder=folder / files.FOLDER)
    assert (report.batches >= DAYS, report.files, report.differences) == (True, report.batches, [])
    store.read(_all_sums_agree)

    browser = open_shop(store, folder).browser()
    for path in ("/insight", "/insight?period=month", "/money"):
        assert browser.get(path).status_code == 200
    assert "What sold Item Quantity Taken Milk tea ×" in words(browser.get("/insight?period=week").text)


def _all_sums_agree(reader: Reader) -> None:
    shop = parties.by_handle(reader, handle=seed.HANDLE)
    found = queries.insight(reader, shop_id=shop.id, period=periods.period("week", now=reader.now, zone=UTC))
    where = position.now(reader, shop_id=shop.id)
    made = batches.list_of_shop(reader, shop_id=shop.id)
    paid_out = sum(batch.net_minor for batch in made)
    fees = sum(batch.fee_minor for batch in made)
    assert found.figures.taken_minor - found.figures.refunded_minor == where.taken_minor + paid_out + fees
    assert found.figures.taken_minor == sum(bin.taken_minor for bin in found.bins)
    assert found.figures.sales == sum(bin.sales for bin in found.bins) == found.steps.paid
    assert found.steps.shown > found.steps.paid > 20
    assert found.payers.new_minor + found.payers.returning_minor == found.figures.taken_minor
    assert sum(item.net_minor for item in found.items) + found.figures.tips_minor == found.figures.taken_minor

    balance = accounts.balance(reader, code=chart.shop_account(shop.id)).balance_minor
    stretch = [month.statement(reader, shop_id=shop.id, name=each.name, zone=UTC)
               for each in month.choices(reader, shop_id=shop.id, zone=UTC)]  # fmt: skip
    assert stretch[0].closing_minor == balance == where.taken_minor
    assert sum(each.total.sums[month.SALES] for each in stretch) == found.figures.taken_minor
    newest = months.month_of(reader.now, UTC).name
    last = month.table(reader, shop_id=shop.id, name=newest, zone=UTC).decode().splitlines()[-1]
    assert last.endswith(f",{balance}") or len(stretch) > 1


def test_a_past_is_written_into_an_empty_ledger_only(shop: Shop) -> None:
    with pytest.raises(seed.HistoryTooLate):
        seed.seed_shop(shop.store, config=shop.config, secret=SECRET, history_days=DAYS)


def test_a_days_visits_come_in_order_and_within_opening_hours(shop: Shop) -> None:
    goods = shop.store.read(past_days.goods_of, shop_id=shop.party.id)
    for weekday in range(7):
        seconds = [second for second, _ in past_days.visits(goods, weekday, 5, random.Random(weekday))]
        assert seconds == sorted(seconds)
        assert 10 < len(seconds) < 60
        assert 8 * 3600 <= seconds[0] < seconds[-1] < 20 * 3600
