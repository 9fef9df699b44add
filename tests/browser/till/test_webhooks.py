"""Webhooks in a browser: an endpoint is added, tested, found failing, sent to again; and how the pages look."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import expect

from merchant.callbacks import sender
from tests.browser import looks
from tests.browser.till.conftest import PHONE, TABLET, Open
from tests.merchant.callbacks.receiver import Receiver, status
from tests.merchant.shop import Shop
from tests.world import SECRET


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def webhooks_page(till: Open) -> Open:
    """`webhooks_page()`: the page of webhooks, a manager being signed in; options are the browser's."""
    return partial(till, "/developer/webhooks", who="Wu")


def send(shop: Shop) -> int:
    return sender.send_due(shop.store, config=shop.config, secret=SECRET)


def test_an_endpoint_is_added_tested_and_sent_to_again(shop: Shop, receiver: Receiver, webhooks_page: Open) -> None:
    page = webhooks_page()
    page.get_by_role("button", name="Add endpoint").click()
    sheet = page.locator("#make")
    sheet.get_by_label("Address").fill("http://me:secret@localhost/")
    sheet.get_by_role("button", name="Add endpoint").click()
    expect(sheet.get_by_role("alert")).to_contain_text("without a user name")
    sheet.get_by_label("Address").fill(receiver.url)
    sheet.get_by_label("Events").select_option("chosen")
    sheet.get_by_label("intent.captured", exact=True).check()
    looks.judge(page, "webhooks-make")
    sheet.get_by_role("button", name="Add endpoint").click()
    expect(page.locator("#made")).to_be_visible()
    secret = page.locator("#secret").input_value()
    page.keyboard.press("Escape")
    page.locator("#made").get_by_role("button", name="Done").click()

    row = page.locator("#endpoints li")
    expect(row).to_contain_text("intent.captured")
    expect(row).to_contain_text("New")
    assert secret not in page.content()
    row.get_by_role("link").click()
    receiver.answers = [status(500, body=b"<b>no such table</b>")]
    page.get_by_role("button", name="Send test event").click()
    expect(page.locator("#delivery")).to_have_attribute("data-state", "pending")
    send(shop)
    expect(page.locator(".tries")).to_contain_text("HTTP 500")
    expect(page.locator(".tries")).to_contain_text("<b>no such table</b>")
    looks.judge(page, "webhooks-failed-try")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="Send now").click()
    send(shop)
    expect(page.locator("#delivery")).to_have_attribute("data-state", "delivered")
    expect(page.locator(".tries details")).to_have_count(2)
    assert receiver.came[-1].verified(secret)["type"] == "webhook_endpoint.test"

    page.locator(".line a[aria-label=Back]").click()
    page.get_by_role("button", name="Switch off").click()
    page.locator("dialog[open]").get_by_role("button", name="Switch off").click()
    expect(page.locator("#endpoint")).to_contain_text("Switched off by your shop")
    page.get_by_role("button", name="Remove").click()
    page.locator("dialog[open]").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No endpoint yet")).to_be_visible()


@pytest.mark.parametrize(("scheme", "size"), looks.stood_at((TABLET, PHONE)))
@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_the_pages_of_webhooks_are_for_everybody(
    shop: Shop, receiver: Receiver, webhooks_page: Open, scheme: str, size: Any, language: str
) -> None:
    page = webhooks_page(viewport=size, color_scheme=scheme, locale=language)
    looks.judge(page, f"webhooks-none-{scheme}-{language}")
    program, told = shop.program(), {"url": receiver.url, "description": "Orders & stock, the <old> server"}
    endpoint = program.ask("POST", "/webhook_endpoints", told).json["id"]
    receiver.usual = status(404, body=b"nothing here")
    for fault in ("bad_signature", "twice", "dropped"):
        program.ask("POST", "/test_faults", {"fault": fault, "times": 1})
        program.create(900)
        send(shop)
    page.reload()
    looks.judge(page, f"webhooks-{scheme}-{language}")
    page.locator("#endpoints a").click()
    page.wait_for_url(f"**/{endpoint}")
    looks.judge(page, f"webhooks-endpoint-{scheme}-{language}")
    page.locator("#log a").last.click()
    page.wait_for_url("**/deliveries/*")
    looks.judge(page, f"webhooks-delivery-{scheme}-{language}")
