"""WeChat Pay's settings in a browser: an owner makes a merchant, saves its key, copies settings; and how it looks."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import looks
from tests.browser.till.conftest import PHONE, TABLET, Open
from tests.merchant.shop import Shop
from tests.merchant.standing import signed_in


@pytest.fixture
def settings(till: Open) -> Open:
    """`settings()`: the page of WeChat Pay's settings, the owner being signed in; options are the browser's."""
    return partial(till, "/developer/wechatpay", viewport=PHONE)


def test_an_owner_makes_a_merchant_saves_its_key_and_copies_the_settings(settings: Open) -> None:
    page = settings()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    looks.judge(page, "wechatpay-none")
    page.get_by_role("button", name="Make a test merchant").click()
    page.locator("#make").get_by_role("button", name="Make it").click()
    expect(page.locator("#made")).to_be_visible()
    looks.judge(page, "wechatpay-made")
    key = page.locator("#private-key").input_value()
    page.keyboard.press("Escape")
    with page.expect_download() as saved:
        page.locator("#save").click()
    assert saved.value.suggested_filename == "apiclient_key.pem"
    assert saved.value.path().read_text() == key
    page.get_by_role("button", name="Done").click()

    page.locator("[data-copies=mchid]").click()
    expect(page.locator("[role=status]")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#mchid").inner_text()


@pytest.mark.parametrize(("scheme", "size"), looks.stood_at((TABLET, PHONE)))
@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_the_page_of_settings_is_for_everybody(
    shop: Shop, settings: Open, scheme: str, size: Any, language: str
) -> None:
    signed_in(shop, "May").post("/api/wechatpay/merchant")
    page = settings(viewport=size, color_scheme=scheme, locale=language)
    name = f"{scheme}-{size['width']}-{language}"
    looks.picture(page, f"wechatpay-all-{name}", full_page=True)
    page.locator("#fixed summary").click()
    looks.judge(page, f"wechatpay-{name}")
    page.locator("[data-opens=renew]").click()
    looks.judge(page, f"wechatpay-renew-{name}")
