"""WeChat Pay's settings in a browser: an owner makes a merchant, saves its key, copies settings; and how it looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import looks, stage
from tests.browser.conftest import PageFor
from tests.merchant.shop import Shop, open_shop
from tests.merchant.standing import signed_in
from tests.world import SECRET, World

PHONE, TABLET = {"width": 390, "height": 844}, {"width": 1024, "height": 768}
Open = Callable[..., Page]


@pytest.fixture
def shop(sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    return open_shop(sqlite_world.store, tmp_path / "data")


@pytest.fixture
def settings(shop: Shop, page_for: PageFor) -> Iterator[Open]:
    """`settings()`: the page of WeChat Pay's settings, the owner being signed in; options are the browser's."""
    with stage.serving(shop.app) as url:

        def open_page(**options: Any) -> Page:
            page, _ = page_for("May", **({"viewport": PHONE, "reduced_motion": "reduce"} | options))
            cookie = signed_in(shop, "May").client.get_cookie("merchant_session")
            assert cookie is not None
            page.context.add_cookies([{"name": "merchant_session", "value": cookie.value, "url": url}])
            page.goto(url + "/developer/wechatpay")
            return page

        yield open_page


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


@pytest.mark.parametrize(("scheme", "size"), looks.shown((PHONE, TABLET)))
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
