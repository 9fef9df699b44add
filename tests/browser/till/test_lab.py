"""The lab in browsers: a clock that is moved on one page moves the others, and nobody pays twice for that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from shared.config import from_environment
from shared.payments import audit
from tests.browser import stage
from tests.browser.conftest import PageFor
from tests.browser.till.test_holds import Place
from tests.merchant.shop import open_shop
from tests.world import SECRET, World
from wallet.app import create_app as create_wallet


@pytest.fixture
def lab(sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page_for: PageFor) -> Iterator[Place]:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    shop = open_shop(sqlite_world.store, tmp_path / "data")
    wallet = create_wallet(from_environment({"SAOMA_DATA_DIR": str(tmp_path)}), sqlite_world.store)
    with stage.serving(shop.app) as till, stage.serving(wallet) as phones:
        yield Place(shop, till, phones, page_for)
    assert sqlite_world.store.read(audit.run).faults == []


def test_a_payment_is_unknown_on_both_sides_until_the_clock_is_moved(lab: Place) -> None:
    till, ana = lab.cashier(), lab.phone()
    till.keyboard.type("99.06")
    till.locator("#charge").click()
    expect(till.locator("#checkout")).to_have_attribute("data-state", "waiting")
    ana.goto(lab.code(till))
    ana.locator("#go").click()
    expect(ana.locator("#checking")).to_contain_text("We do not know yet if this went through")
    expect(till.locator("#checkout")).to_have_attribute("data-state", "pending")
    expect(till.get_by_role("heading", name="Not known yet")).to_be_visible()

    bench = till.context.new_page()
    bench.goto(f"{lab.till}/lab")
    bench.get_by_role("button", name="+1 hour").click()
    expect(bench.locator("#clock-ahead")).to_have_text("Clock +1 hr")
    expect(till.locator("#checkout")).to_have_attribute("data-state", "paid")
    expect(ana.get_by_role("heading", name="Paid")).to_be_visible()
    ana.get_by_role("link", name="Done").click()
    expect(ana.locator("#balance")).to_contain_text("¥900.94")
    expect(ana.locator("#clock-ahead")).to_have_text("Clock +1 hr")

    bench.wait_for_load_state()
    bench.locator("#faults form").filter(has_text="Twice").get_by_role("button", name="Next one").click()
    expect(bench.locator("#faults form").filter(has_text="Twice").get_by_role("button")).to_have_text(["Off Twice"])


def test_an_order_that_only_the_clock_made_late_is_signed_anew_and_paid_once(lab: Place) -> None:
    till, ana = lab.cashier(), lab.phone()
    till.keyboard.type("40")
    till.locator("#charge").click()
    expect(till.locator("#checkout")).to_have_attribute("data-state", "waiting")
    ana.goto(lab.code(till))
    expect(ana.locator("#go")).to_be_visible()
    assert lab.shop.program().ask("POST", "/test_clock/advance", {"by_s": 240}).status_code == 200
    ana.locator("#go").click()
    expect(ana.get_by_role("heading", name="Paid")).to_be_visible()
    expect(till.locator("#checkout")).to_have_attribute("data-state", "paid")
    ana.get_by_role("link", name="Done").click()
    expect(ana.locator("#balance")).to_contain_text("¥960.00")
