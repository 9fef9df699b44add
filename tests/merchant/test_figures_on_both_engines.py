"""The till's figures on SQLite and on PostgreSQL: the same day, the same sums on every page that shows some."""

from __future__ import annotations

from pathlib import Path

import pytest

from merchant.shifts import queries, reports
from shared.payments import audit
from shared.settlement import actions as settlement
from tests.merchant.shop import open_shop
from tests.world import SECRET, World

PERIODS = ("today", "week", "month")


def test_a_days_figures_are_the_same_on_both_engines(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    shop = open_shop(world.store, tmp_path / "data")
    browser, ana = shop.browser(), world.person("ana")
    [shift] = shop.store.read(queries.open_of_shop, shop_id=shop.party.id)
    sold = browser.sell({"typed_minor": 2000}, discount={"basis_points": 1000}, tip={"amount_minor": 200}).json["id"]
    shop.paid_by(ana, sold)
    shop.paid_by(ana, browser.sell({"typed_minor": 500}, parts=[200, 300]).json["id"])  # and nobody pays the rest
    held = browser.sell({"typed_minor": 1000}, is_manual=True, tip={"amount_minor": 200}).json["id"]
    shop.authorized_by(ana, held)
    assert browser.post(f"/api/sales/{held}/capture", {"amount_minor": 1000}).status_code == 200
    assert browser.post(f"/api/sales/{sold}/refund", {"amount_minor": 400, "reason": "cold"}).status_code == 201
    assert browser.post(f"/api/shifts/{shift.id}/close", {"counted": "200"}).status_code == 200

    [closed] = shop.store.read(queries.closed_of_shop, shop_id=shop.party.id, before=None, limit=2)
    report = reports.from_text(closed.report or "")
    assert (report.payments, report.taken_minor, report.refunded_minor, report.sales) == (3, 3200, 400, 2)
    assert (report.sold_minor, report.discounts_minor, report.tips_minor) == (1800 + 833, 200, 200 + 167)
    assert [(sum.name, sum.amount_minor) for sum in report.by_method] == [("shown", 2200), ("held", 1000)]

    [batch] = settlement.settle(shop.store, cutoff_at=None, secret=SECRET).batches
    assert (batch.sales, batch.gross_minor, batch.refunds_minor) == (3, 3200, 400)
    seen = {f"/insight?period={name}": "¥32.00" for name in PERIODS} | {"/sales": "¥32.00", "/shifts": "¥28.00"}
    for path, figure in seen.items() | {(f"/money/batches/{batch.id}", "¥32.00"), (f"/shifts/{shift.id}", "¥28.00")}:
        page = browser.get(path)
        assert (page.status_code, figure in page.text) == (200, True), path
    assert shop.store.read(audit.run).faults == []
