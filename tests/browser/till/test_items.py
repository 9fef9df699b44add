"""The items' pages in a browser: an item with picture and options, an edit that came too late, a sheet, looks."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from merchant.catalog import actions, queries
from merchant.catalog.queries import Item
from tests.browser import looks
from tests.browser.till.conftest import SMALL, TABLET, Open
from tests.merchant.shop import Shop


def item(shop: Shop, name: str) -> Item:
    [found] = [one for one in shop.store.read(queries.everything, shop_id=shop.party.id) if one.name == name]
    return found


def test_an_item_with_a_picture_and_options_is_made_on_one_page(shop: Shop, till: Open, tmp_path: Path) -> None:
    Image.new("RGB", (640, 480), "#2a7").save(tmp_path / "tea.png")
    page = till("/items")
    page.get_by_role("link", name="New item").click()
    page.locator("#name").wait_for()
    page.wait_for_load_state()  # the keys below are for the page's scripts
    page.fill("#name", "Matcha")
    page.fill("#price", "0")
    page.fill("#sku", "2000000000909")
    page.locator("#sku").press("Enter")
    expect(page.locator("#stock")).to_be_focused()
    page.fill("#stock", "12")
    page.set_input_files("#photo", tmp_path / "tea.png")
    expect(page.locator("#shown")).to_be_visible()
    page.get_by_role("button", name="Add options").click()
    group = page.locator(".group")
    page.keyboard.type("Milk")
    group.locator(".choice-name").nth(0).fill("Oat")
    group.locator(".choice-delta").nth(0).fill("+2")
    group.locator(".choice-name").nth(1).fill("Soy")
    group.get_by_label("Must be chosen").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("above zero")
    expect(page.locator("#price")).to_be_focused()
    page.fill("#price", "19.50")
    page.get_by_role("button", name="Save").click()

    row = page.locator("a.row", has_text="Matcha")
    expect(row).to_contain_text("12 left")
    expect(row.locator("img")).to_have_js_property("naturalWidth", 320)
    made = item(shop, "Matcha")
    [milk] = made.options
    assert (made.price_minor, made.stock, made.sku) == (1950, 12, "2000000000909")
    assert [(one.name, one.delta_minor) for one in milk.choices] == [("Oat", 200), ("Soy", 0)]
    assert (milk.most, milk.is_required) == (1, True)
    row.click()
    expect(page.locator(".choice-delta").first).to_have_value("+2.00")
    page.get_by_role("button", name="Archive").click()
    expect(page.locator("a.row", has_text="Matcha")).to_have_count(0)


def test_who_saves_too_late_is_told_and_what_they_typed_stays(shop: Shop, till: Open) -> None:
    tart = item(shop, "Egg tart")
    page = till(f"/items/{tart.id}")
    shop.store.run(actions.archive_item, shop_id=shop.party.id, id=tart.id, version=tart.version)
    page.fill("#price", "9")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else has changed Egg tart")
    expect(page.locator("#price")).to_have_value("9")
    assert item(shop, "Egg tart").price_minor == tart.price_minor


def test_a_sheet_is_shown_before_it_is_kept(shop: Shop, till: Open, tmp_path: Path) -> None:
    page = till("/items/sheet")
    with page.expect_download() as kept:
        page.get_by_role("link", name="Items (CSV)").click()
    text = Path(kept.value.path()).read_text(encoding="utf-8-sig")
    sheet = tmp_path / "items.csv"
    sheet.write_text(text.replace(",8.00,", ",0,"), encoding="utf-8")
    page.set_input_files("#file", sheet)
    expect(page.locator("#faults li")).to_contain_text("Line 6: A price is an amount above zero")
    expect(page.locator("#go")).to_be_hidden()
    sheet.write_text(text.replace(",8.00,", ",9,") + ",Tea tin,Gifts,48,13,,\n", encoding="utf-8")
    page.set_input_files("#file", sheet)
    expect(page.locator("#changed")).to_have_text("1")
    page.get_by_role("button", name="Keep 2 items").click()
    expect(page.locator("a.row", has_text="Tea tin")).to_be_visible()
    assert item(shop, "Egg tart").price_minor == 900


@pytest.mark.parametrize(("scheme", "size"), looks.stood_at((TABLET, SMALL)))
def test_the_items_pages_can_be_read_touched_and_fit(
    shop: Shop, till: Open, address: str, size: dict[str, int], scheme: str
) -> None:
    locale = "en-US" if scheme == "light" else "zh-CN"
    page = till("/items", viewport=size, color_scheme=scheme, locale=locale)
    for path in ("/items", "/items/new", f"/items/{item(shop, 'Milk tea').id}", "/items/sheet", "/items?archived=1"):
        page.goto(address + path)
        name = f"{path.strip('/').replace('/', '-')}-{size['width']}-{scheme}"
        looks.judge(page, f"till-{name}", full_page=True)
