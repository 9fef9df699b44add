"""The API's page in a browser: search, a link to one door, curl to copy, the other language; and its looks."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser import looks
from tests.browser.conftest import PageFor
from tests.browser.till.conftest import PHONE, TABLET


def test_a_developer_finds_a_call_and_copies_it(address: str, page_for: PageFor) -> None:
    page, _ = page_for("developer", viewport=PHONE, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{address}/developer/api")
    looks.judge(page, "api")
    page.keyboard.press("/")
    page.keyboard.type("refund_exceeds")
    door = page.locator("details.door:visible")
    expect(door).to_have_count(1)
    door.locator("summary").click()
    door.get_by_role("button", name="Copy as curl").click()
    expect(page.get_by_role("status")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("curl -s $SAOMA/v1/refunds")
    looks.judge(page, "api-open")
    page.get_by_role("searchbox").fill("zzz")
    expect(page.get_by_text("Nothing here goes by these words")).to_be_visible()


def test_a_link_leads_to_one_door_and_speaks_chinese(address: str, page_for: PageFor) -> None:
    page, _ = page_for("开发者", viewport=TABLET, color_scheme="dark", locale="zh-CN")
    page.goto(f"{address}/developer/api#create_intent")
    door = page.locator("#create_intent")
    expect(door).to_have_attribute("open", "")
    door.get_by_role("link", name="payment_intent").click()
    expect(page.locator("#form-payment_intent")).to_have_attribute("open", "")
    expect(page.get_by_role("heading", name="API 参考")).to_be_attached()
    looks.judge(page, "api-zh")
