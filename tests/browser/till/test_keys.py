"""API keys in a browser: an owner makes one, copies it, changes it for another, revokes it; and how the page looks."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import looks
from tests.browser.till.conftest import PHONE, TABLET, Open
from tests.merchant.shop import Shop


def told(page: Page) -> str:
    """The key in the sheet that shows it once."""
    expect(page.locator("#made")).to_be_visible()
    return page.locator("#key").input_value()


def test_an_owner_makes_copies_replaces_and_revokes_a_key(shop: Shop, till: Open) -> None:
    page = till("/developer/keys")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="New key").click()
    sheet = page.locator("#make")
    sheet.get_by_label("Name").fill("Nightly report")
    sheet.get_by_label("Access").select_option("restricted")
    sheet.get_by_role("button", name="Make the key").click()
    expect(sheet.get_by_role("alert")).to_contain_text("Choose what the key may do")
    sheet.get_by_label("payment_intents").select_option("read")
    sheet.get_by_role("button", name="Make the key").click()
    first = told(page)
    page.keyboard.press("Escape")
    expect(page.locator("#made")).to_be_visible()
    page.locator("#made").get_by_role("button", name="Copy").click()
    expect(page.locator("#made .primary")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == first
    looks.judge(page, "keys-made-tablet")
    assert shop.program(first).create().status_code == 403
    page.get_by_role("button", name="I have copied it").click()

    row = page.locator("#keys li", has_text="Nightly report")
    expect(row).to_contain_text("Restricted: 1")
    expect(row).to_contain_text("Last used")
    assert first not in page.content()
    row.get_by_role("button", name="Rotate").click()
    page.locator("dialog[open]").get_by_role("button", name="Make the new key").click()
    second = told(page)
    page.get_by_role("button", name="I have copied it").click()
    assert [shop.program(key).create().json["code"] for key in (first, second)] == ["key_not_allowed"] * 2

    row = page.locator("#keys li", has_text="Replaced")
    row.get_by_role("button", name="Revoke").click()
    page.locator("dialog[open]").get_by_role("button", name="Revoke").click()
    expect(page.locator("#keys li", has_text="Nightly report")).to_have_count(1)
    assert [shop.program(key).create().json["code"] for key in (first, second)] == ["bad_api_key", "key_not_allowed"]


@pytest.mark.parametrize(("scheme", "size"), looks.stood_at((TABLET, PHONE)))
@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_the_page_of_keys_is_for_everybody(shop: Shop, till: Open, scheme: str, size: Any, language: str) -> None:
    browser = shop.browser()
    made = browser.post("/api/keys", {"name": "Web shop", "scopes": ["payment_intents:write", "refunds:read"]}).json
    browser.post("/api/keys", {"name": "A program with quite a long name of its own", "life_s": 86400})
    browser.post("/api/keys", {"name": "Stock room", "life_s": 86400})
    browser.post(f"/api/keys/{made['id']}/rotate", {"overlap_s": 3600})
    gone = browser.post("/api/keys", {"name": "Old till"}).json
    browser.post(f"/api/keys/{gone['id']}/revoke")
    page = till("/developer/keys", viewport=size, color_scheme=scheme, locale=language)
    name = f"{scheme}-{size['width']}-{language}"
    looks.judge(page, f"keys-{name}")
    looks.picture(page, f"keys-all-{name}", full_page=True)
    page.locator("[data-opens=make]").click()
    page.locator("#access").select_option("restricted")
    looks.judge(page, f"keys-make-{name}")
