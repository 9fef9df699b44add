"""The inspector in a browser: rows come in by themselves and open, lines are copied, a payment's story is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import expect

from merchant.callbacks import sender
from tests.browser import looks
from tests.browser.till.conftest import PHONE, TABLET, Open
from tests.merchant.callbacks.receiver import Receiver, status
from tests.merchant.shop import Shop
from tests.world import SECRET


@pytest.fixture
def open_page(till: Open) -> Open:
    """`open_page("/inspector")`: a page of the till, a manager being signed in; options are the browser's."""
    return partial(till, who="Wu")


@pytest.fixture
def paid(shop: Shop) -> Iterator[str]:
    """A payment that was scanned, paid, told of at the second try, and half given back; and a call that failed."""
    receiver, program, payer = Receiver(), shop.program(), shop.world.person("ana")
    program.ask("POST", "/webhook_endpoints", {"url": receiver.url, "events": ["intent.captured", "refund.succeeded"]})
    program.create(12.5)
    id = str(program.create(1250, reference="order-1042", memo="Two teas").json["id"])
    shop.scanned_by(payer, id)
    shop.paid_by(payer, id)
    receiver.answers = [status(500, body=b"no room for orders")]
    sender.send_due(shop.store, config=shop.config, secret=SECRET)
    program.ask("POST", "/test_clock/advance", {"by_s": 60})
    sender.send_due(shop.store, config=shop.config, secret=SECRET)
    program.ask("POST", "/refunds", {"payment_intent": id, "amount_minor": 500, "reason": "cold"})
    program.ask("GET", f"/payment_intents/{id}")
    written(shop)
    yield id
    receiver.close()


def written(shop: Shop) -> None:
    shop.app.extensions["saoma_wire"].write()


def test_rows_come_in_by_themselves_until_they_are_held_back_and_open(shop: Shop, open_page: Open) -> None:
    page = open_page("/inspector")
    page.clock.install()
    page.reload()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    expect(page.locator("#none")).to_be_visible()
    looks.judge(page, "inspector-empty")

    shop.program().create(1250)
    written(shop)
    expect(page.locator(".wire")).to_have_count(3)
    expect(page.locator("#none")).to_have_count(0)

    call = page.locator("#call-1")
    call.locator("summary").click()
    expect(call.locator("pre").first).to_contain_text("1250")
    call.get_by_role("button", name="Copy").last.click()
    expect(page.locator("#status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("curl -X POST")

    page.locator("#pause").click()
    expect(page.locator("#pause").get_by_text("Paused")).to_be_visible()
    shop.program().create(990)
    written(shop)
    page.clock.run_for(5_000)
    expect(page.locator(".wire")).to_have_count(3)
    page.locator("#pause").click()
    expect(page.locator(".wire")).to_have_count(6)
    assert call.locator("details").get_attribute("open") is not None

    page.get_by_role("link", name="Whole story").click()
    expect(page.locator(".step-item")).to_have_count(3)


def test_the_pages_of_the_inspector_look_right_everywhere(paid: str, open_page: Open) -> None:
    for name, scheme, size, locale in (
        ("tablet", "light", TABLET, "en"), ("phone", "dark", PHONE, "en"), ("phone-zh", "light", PHONE, "zh-CN"),
    ):  # fmt: skip
        page = open_page("/inspector", viewport=size, color_scheme=scheme, locale=locale)
        looks.judge(page, f"inspector-{name}")
        for kind in ("call", "order"):
            row = page.locator(f".wire[id^={kind}]").first
            row.locator("summary").click()
            expect(row.locator(".inside > *").first).to_be_visible()
        looks.judge(page, f"inspector-opened-{name}")
        page.goto(page.url.partition("/inspector")[0] + f"/inspector/payments/{paid}")
        expect(page.locator(".step-item").first).to_be_visible()
        looks.picture(page, f"story-whole-{name}", full_page=True)
        for kind in ("transfer", "callback"):
            step = page.locator(f".step-item[data-kind={kind}]").first
            step.locator("summary").click()
            expect(step.locator(".inside > *").first).to_be_visible()
        looks.judge(page, f"story-{name}")
        looks.picture(page, f"story-opened-{name}", full_page=True)
