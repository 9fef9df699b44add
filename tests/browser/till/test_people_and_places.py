"""People and places in a browser: a manager's day with people, tills and the drawer; and how those pages look."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from merchant.shifts import queries
from tests.browser import looks
from tests.browser.till.conftest import PHONE, SMALL, Open
from tests.merchant.shop import Shop


def in_sheet(page: Page, opener: str, **fields: str) -> None:
    """Open a sheet by its button, fill it in, and send it."""
    page.get_by_role("button", name=opener, exact=True).click()
    sheet = page.locator("dialog[open]")
    for name, value in fields.items():
        box = sheet.locator(f"[name={name}]")
        box.select_option(value) if name == "role" else box.fill(value)
    sheet.locator(".primary").click()


def test_a_manager_hires_makes_a_till_counts_its_drawer_and_reads_the_report(shop: Shop, till: Open) -> None:
    page = till("/shop", who="Wu")
    page.get_by_role("link", name="People").click()
    in_sheet(page, "Add somebody", name="LIN", pin="314159")
    expect(page.locator("dialog[open] [role=alert]")).to_contain_text("already has this name")
    page.locator("dialog[open] [data-closes]").click()
    in_sheet(page, "Add somebody", name="Bo", pin="314159")
    expect(page.locator("#people")).to_contain_text("Bo")

    page.get_by_role("link", name="Shop", exact=True).click()
    page.get_by_role("link", name="Tills").click()
    in_sheet(page, "Make this browser a till", name="Terrace")
    expect(page.locator("#terminals li", has_text="Terrace")).to_contain_text("This browser")

    page.get_by_role("link", name="Shop", exact=True).click()
    page.get_by_role("link", name="Shift and cash").click()
    expect(page.locator("#shift")).to_contain_text("Terrace charges nothing")
    in_sheet(page, "Open a shift", float="100")
    expect(page.locator("#shift h1")).to_have_text("Shift")
    in_sheet(page, "Cash out", amount="12.34", reason="milk")
    expect(page.locator("#shift")).to_contain_text("¥87.66")
    in_sheet(page, "Close the shift", counted="87")
    expect(page.locator("#shift h1")).to_have_text("Z report 1")
    expect(page.locator("#shift")).to_contain_text("−¥0.66")
    [closed] = shop.store.read(queries.closed_of_shop, shop_id=shop.party.id, before=None, limit=5)
    assert (closed.number, closed.counted_minor) == (1, 8_700)

    page.get_by_role("link", name="Shop", exact=True).click()
    page.get_by_role("link", name="Activity").click()
    for line in ("Closed the shift: Z report 1", "Set up the till Terrace", "Added Bo (Cashier)"):
        expect(page.locator("#entries")).to_contain_text(line)


def test_a_cashier_is_shown_what_opens_for_one(till: Open) -> None:
    page = till("/shop", who="Lin", viewport=PHONE)
    assert page.locator(".bar a").all_inner_texts() == ["Till", "Sales", "Shop"]
    for path in page.locator("main a.row").evaluate_all("rows => rows.map((row) => row.getAttribute('href'))"):
        assert page.request.get(page.url.replace("/shop", path)).status == 200, path


@pytest.mark.parametrize(("scheme", "size"), looks.stood_at((PHONE, SMALL)))
@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_the_pages_are_for_everybody(shop: Shop, till: Open, scheme: str, size: Any, language: str) -> None:
    browser = shop.browser()
    shop.paid_by(shop.world.person("ana"), browser.charge(1250).json["id"])
    [shift] = shop.store.read(queries.open_of_shop, shop_id=shop.party.id)
    page = till("/shop", viewport=size, color_scheme=scheme, locale=language)
    base = page.url.removesuffix("/shop")
    for path in ("/shop", "/shift", "/shifts", "/people", "/terminals", "/activity"):
        page.goto(base + path)
        looks.judge(page, f"till{path.replace('/', '-')}-{scheme}-{language}", full_page=True)
    page.goto(f"{base}/shifts/{shift.id}")
    page.locator("[data-opens=close]").click()
    looks.judge(page, f"till-shift-close-{scheme}-{language}")
