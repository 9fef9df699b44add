"""The hosted checkout page in a browser: it follows the payment, leads back, lives in a frame; and its looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect

from tests.browser import looks, stage
from tests.browser.conftest import PageFor
from tests.browser.till.conftest import PHONE, TABLET
from tests.merchant.shop import Shop
from tests.world import Member

SHOP_ORIGIN = "http://shop.example"
FRAME = """<!doctype html><title>Shop</title><script>
var told = []; addEventListener('message', (event) => told.push(event.data));
</script><iframe src="{}" width="420" height="900" title="Pay"></iframe>"""
Open = Callable[..., Page]


@pytest.fixture
def payer(address: str, page_for: PageFor) -> Open:
    """`payer(path)`: that page of the till's service, in the browser of somebody who only has the link."""

    def open_page(path: str, **options: Any) -> Page:
        page, _ = page_for("a payer", **({"viewport": PHONE, "reduced_motion": "reduce"} | options))
        page.route(f"{SHOP_ORIGIN}/**", from_the_shop)
        page.goto(address + path)
        return page

    return open_page


def from_the_shop(route: Route) -> None:
    """What the shop's own web site answers."""
    route.fulfill(body="<!doctype html><title>Shop</title><h1>Thanks</h1>", content_type="text/html")


def made(shop: Shop, **more: Any) -> str:
    return str(shop.program().create(1250, memo="Two teas", reference="order-7", **more).json["id"])


def test_the_page_follows_the_payment_and_leads_back(shop: Shop, payer: Open, ana: Member) -> None:
    id = made(shop, return_url=f"{SHOP_ORIGIN}/thanks?order=7")
    page = payer(f"/pay/{id}")
    expect(page.locator("#left")).to_contain_text(":")
    looks.listen(page)
    shop.scanned_by(ana, id)
    expect(page.locator("#paying")).to_have_attribute("data-state", "scanned")
    shop.paid_by(ana, id)
    expect(page.get_by_role("heading", name="Paid")).to_be_visible()
    assert looks.announced(page)[-1] == "Paid"
    expect(page.get_by_role("heading", name="Thanks")).to_be_visible()
    asked = parse_qs(urlsplit(page.url).query)
    assert asked == {"order": ["7"], "payment_intent": [id], "status": ["captured"]}


def test_in_a_frame_the_shops_page_is_told(shop: Shop, address: str, page_for: PageFor) -> None:
    framing = Flask("shop")
    with stage.serving(framing) as own:
        id = made(shop, embed_origin=own)
        framing.add_url_rule("/", "frame", lambda: FRAME.format(f"{address}/pay/{id}?embed=1"))
        page, _ = page_for("a payer")
        page.goto(own)
        follows_in_a_frame(shop, page, id)


def follows_in_a_frame(shop: Shop, page: Page, id: str) -> None:
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Corner Tea House")).to_be_visible()
    shop.program().ask("POST", f"/payment_intents/{id}/cancel")
    expect(frame.get_by_role("heading", name="The shop canceled this payment")).to_be_visible()
    page.wait_for_function("told.some(({ state }) => state === 'canceled')")
    [last] = page.evaluate("told.slice(-1)")
    assert (last["type"], last["payment_intent"], last["status"]) == ("saoma.payment", id, "canceled")
    assert last["height"] > 100


@pytest.mark.parametrize(("scheme", "size"), looks.stood_at((PHONE, TABLET)))
@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_the_page_is_for_everybody(shop: Shop, payer: Open, ana: Member, scheme: str, size: Any, language: str) -> None:
    id = made(shop, return_url=f"{SHOP_ORIGIN}/back")
    options = {"viewport": size, "color_scheme": scheme, "locale": language, "has_touch": size is PHONE}
    page = payer(f"/pay/{id}", **options, is_mobile=size is PHONE)
    name = f"hosted-{scheme}-{size['width']}-{language}"
    if size is PHONE:
        expect(
            page.get_by_role("link", name=("打开钱包" if language == "zh-CN" else "Open in the wallet"))
        ).to_be_visible()
    looks.judge(page, name)
    looks.picture(page, f"{name}-all", full_page=True)
    shop.paid_by(ana, id)
    page.reload()
    looks.judge(page, f"{name}-paid")
    ended = made(shop)
    shop.program().ask("POST", f"/payment_intents/{ended}/cancel")
    page.goto(page.url.replace(id, ended))
    looks.judge(page, f"{name}-canceled")
