"""The lab in browsers: a clock that is moved on one page moves the others, and nobody pays twice for that."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.till.conftest import Place


def test_a_payment_is_unknown_on_both_sides_until_the_clock_is_moved(place: Place) -> None:
    till, ana = place.cashier(), place.phone()
    till.keyboard.type("99.06")
    till.locator("#charge").click()
    expect(till.locator("#checkout")).to_have_attribute("data-state", "waiting")
    ana.goto(place.code(till))
    ana.locator("#go").click()
    expect(ana.locator("#checking")).to_contain_text("We do not know yet if this went through")
    expect(till.locator("#checkout")).to_have_attribute("data-state", "pending")
    expect(till.get_by_role("heading", name="Not known yet")).to_be_visible()

    bench = till.context.new_page()
    bench.goto(f"{place.till}/lab")
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


def test_an_order_that_only_the_clock_made_late_is_signed_anew_and_paid_once(place: Place) -> None:
    till, ana = place.cashier(), place.phone()
    till.keyboard.type("40")
    till.locator("#charge").click()
    expect(till.locator("#checkout")).to_have_attribute("data-state", "waiting")
    ana.goto(place.code(till))
    expect(ana.locator("#go")).to_be_visible()
    assert place.shop.program().ask("POST", "/test_clock/advance", {"by_s": 240}).status_code == 200
    ana.locator("#go").click()
    expect(ana.get_by_role("heading", name="Paid")).to_be_visible()
    expect(till.locator("#checkout")).to_have_attribute("data-state", "paid")
    ana.get_by_role("link", name="Done").click()
    expect(ana.locator("#balance")).to_contain_text("¥960.00")
