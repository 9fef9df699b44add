"""A newcomer's first minute in the launcher, with the real services in its frames."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser import looks, people
from tests.browser.conftest import PageFor
from tests.services import Services

DESKTOP = {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture
def demo(make_services: Callable[..., Services]) -> Services:
    """Everything that `python3 run.py` starts."""
    services = make_services(SAOMA_DEMO="1")
    services.seed()
    for service in ("wallet", "merchant", "shared.launcher"):
        services.start(service)
    return services


def frame(page: Page, part: str) -> FrameLocator:
    return page.frame_locator(f"iframe[src*='{part}']")


def stands(page: Page, hint: str, how: str) -> None:
    """A hint is `done` or `current`."""
    expect(page.locator(f"[data-hint={hint}].{how}")).to_be_visible(timeout=people.PATIENCE_MS)


def test_two_phones_and_a_till_pay_scan_each_other_and_send_money(page_for: PageFor, demo: Services) -> None:
    page, _ = page_for("newcomer", **DESKTOP)
    page.goto(demo.launcher)
    ana, li, till = (frame(page, part) for part in ("/w/ana/", "/w/li/", str(demo.config.merchant_port)))
    for phone in (ana, li):
        expect(phone.locator("#amount")).to_have_text("¥1,000.00", timeout=people.PATIENCE_MS)
    stands(page, "pay", "current")

    for key in "12":
        till.locator(".keypad").get_by_role("button", name=key, exact=True).click()
    till.locator("#charge").click()
    expect(till.locator("#checkout")).to_have_attribute("data-state", "waiting", timeout=people.PATIENCE_MS)
    expect(page.locator("[data-point=ana][data-at=till].lit")).to_be_visible(timeout=people.PATIENCE_MS)
    page.locator("[data-point=ana][data-at=till]").click()
    expect(ana.locator("#go")).to_have_text("Pay ¥12.00", timeout=people.PATIENCE_MS)
    expect(page.get_by_text("Press Pay on Ana's phone.")).to_be_visible(timeout=people.PATIENCE_MS)
    ana.locator("#go").click()
    expect(till.locator("#checkout")).to_have_attribute("data-state", "paid", timeout=people.PATIENCE_MS)
    expect(page.locator("#newest")).to_have_text("Ana paid Corner Tea House ¥12.00", timeout=people.PATIENCE_MS)
    stands(page, "pay", "done")
    stands(page, "scan", "current")

    ana.locator("a[href$='/w/ana/']").first.click()
    ana.locator("nav a[href$='/contacts']").click()
    ana.locator("a[href$='/card']").first.click()
    expect(ana.locator("[data-qr] svg")).to_be_visible(timeout=people.PATIENCE_MS)
    page.locator("[data-point=li][data-at=ana]").click()
    li.locator("#add").click(timeout=people.PATIENCE_MS)
    stands(page, "scan", "done")
    li.locator("a[href$='/send/ana']").first.click(timeout=people.PATIENCE_MS)
    li.locator(".keypad").get_by_role("button", name="7", exact=True).click()
    li.locator("#go").click()
    expect(li.locator("svg.tick")).to_be_visible(timeout=people.PATIENCE_MS)
    ana.locator("header a").first.click()
    ana.locator("nav a[href$='/w/ana/']").click()
    expect(ana.locator("#amount")).to_have_text("¥995.00", timeout=people.PATIENCE_MS)
    stands(page, "send", "done")
    stands(page, "own", "current")

    page.locator("#news").click()
    newest = page.locator("#happened > li").first
    expect(newest.locator("summary")).to_contain_text("Li sent Ana ¥7.00")
    expect(newest.get_by_text("The seal holds: Ed25519, key of li")).to_be_visible()
    expect(newest.get_by_text("transfer.posted")).to_be_visible()
    looks.picture(page, "launcher-drawer")
    assert looks.violations(page) == {}
    assert looks.small_targets(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    page.locator("#restart").click()
    stands(page, "pay", "current")
    page.locator(".tools [data-language=zh]").click()
    expect(page.locator("#newest")).to_have_text("Li 转给 Ana ¥7.00", timeout=people.PATIENCE_MS)
    stands(page, "pay", "current")  # begun anew, and so after a reload too
    expect(frame(page, "/w/ana/").locator("html")).to_have_attribute("lang", "zh-CN", timeout=people.PATIENCE_MS)


def test_a_second_visit_finds_the_phones_signed_in(page_for: PageFor, demo: Services) -> None:
    page, _ = page_for("newcomer", **DESKTOP)
    for _ in range(2):
        page.goto(demo.launcher)
        expect(frame(page, "/w/ana/").locator("#amount")).to_have_text("¥1,000.00", timeout=people.PATIENCE_MS)
        expect(frame(page, "/w/li/").locator("#amount")).to_have_text("¥1,000.00", timeout=people.PATIENCE_MS)
