"""Tones and buzzes after a payment, and the switch that silences this phone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from shared.codes import frame as frames
from tests.browser import people
from tests.browser.conftest import PageFor
from tests.world import World

LISTEN = """
const heard = (what) => sessionStorage.setItem(what, Number(sessionStorage.getItem(what) ?? 0) + 1);
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...at) { heard('tones'); return start.apply(this, at); };
Navigator.prototype.vibrate = () => { heard('buzzes'); return true; };
"""
"""Notes what the browser is asked to play; it still plays it."""


def heard(page: Page) -> tuple[int, int]:
    """How many tones and buzzes there were so far."""
    read = "() => ['tones', 'buzzes'].map((what) => Number(sessionStorage.getItem(what) ?? 0))"
    tones, buzzes = page.evaluate(read)
    return tones, buzzes


def test_a_payment_sounds_and_buzzes_until_that_is_switched_off(
    page_for: PageFor, address: str, sqlite_world: World
) -> None:
    shop = sqlite_world.shop("tea")
    page, _ = page_for("ana")
    page.context.add_init_script(LISTEN)

    def pay() -> None:
        code = frames.code_text("", sqlite_world.intent(shop, 1250).code).removeprefix("/")
        page.goto(f"{address}/{code}")
        page.locator("#go").click(timeout=people.PATIENCE_MS)
        page.wait_for_url("**/paid/*", timeout=people.PATIENCE_MS)
        page.wait_for_load_state()

    people.enter(page, address, "Ana")
    pay()
    assert heard(page) == (2, 1)
    page.reload()
    assert heard(page) == (2, 1)  # coming back is not paying

    page.goto(f"{address}/me")
    page.wait_for_load_state()
    page.locator("#sounds").click()
    expect(page.locator("#sounds")).to_have_attribute("aria-checked", "false")
    pay()
    assert heard(page) == (2, 1)
    page.goto(f"{address}/me")
    expect(page.locator("#sounds")).to_have_attribute("aria-checked", "false")
    page.locator("#sounds").click()
    expect(page.locator("#sounds")).to_have_attribute("aria-checked", "true")
    assert heard(page) == (4, 1)  # switched on, it lets itself be heard
