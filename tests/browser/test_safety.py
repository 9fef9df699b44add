"""Stories of safety: a phone is lost and given up from the next one; a browser is signed in by a phone that scans it.

On the way each new page is looked at: accessible, large enough for a finger, inside its window.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from shared.config import from_environment
from tests.browser import looks, stage
from tests.browser.camera import screen_picture
from tests.browser.conftest import PageFor
from tests.world import SECRET, World
from wallet.app import create_app

PIN = "123456"
USUAL = {"viewport": {"width": 390, "height": 844}, "reduced_motion": "reduce"}
SMALL = {"viewport": {"width": 320, "height": 640}, "reduced_motion": "reduce", "color_scheme": "dark"}
FORGET = """async () => { for (const { name } of await indexedDB.databases())
  await new Promise((done) => {
    const asked = indexedDB.deleteDatabase(name);
    asked.onsuccess = asked.onblocked = done;
  }); }"""


@pytest.fixture
def address(sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    with stage.serving(create_app(from_environment({"SAOMA_DATA_DIR": str(tmp_path)}), sqlite_world.store)) as url:
        yield url


@pytest.fixture
def join(address: str, page_for: PageFor) -> Callable[..., Page]:
    """`join("Ana", PIN, width…)`: somebody new, at home in their own browser."""

    def enter(name: str, pin: str = "", **options: Any) -> Page:
        page, _ = page_for(name.lower(), **options)
        page.goto(f"{address}/welcome")
        page.fill("#name", name)
        page.locator("#name-step .primary").click()
        if pin:
            type_pin(page, pin)
            expect(page.locator("#pin-title")).to_have_text("Enter it again")
            type_pin(page, pin)
        else:
            page.locator("#skip").click()
        expect(page.locator("#recent")).to_be_visible()
        return page

    return enter


def type_pin(page: Page, pin: str = PIN) -> None:
    expect(page.locator("#pin")).to_be_visible()
    expect(page.locator("#pin")).to_have_value("")
    page.locator("#pin").press_sequentially(pin)


def judge(page: Page, name: str) -> None:
    """Whatever can be measured about a page as it stands."""
    page.wait_for_load_state()
    looks.picture(page, name)
    assert looks.violations(page) == {}, name
    assert looks.small_targets(page) == [], name
    assert looks.overflow_px(page) == 0, name


def send(page: Page, address: str, handle: str, keys: str) -> None:
    """Type an amount for somebody and press Pay."""
    page.goto(f"{address}/send/{handle}")
    for key in keys:
        page.locator(f"[data-key='{key}']").click()
    page.locator("#go").click()


def test_a_lost_phone_is_given_up_from_the_next_one_and_the_money_is_all_there(
    join: Callable[..., Page], page_for: PageFor, address: str
) -> None:
    lost, li = join("Ana", PIN, **USUAL), join("Li", **USUAL)
    phone, _ = page_for("ana", **SMALL)
    phone.goto(f"{address}/welcome")
    phone.locator("#back-again").click()
    phone.fill("#handle", "ana")
    phone.fill("#old-pin", PIN)
    phone.get_by_role("button", name="Sign in", exact=True).click()

    expect(phone.locator("#back-again")).to_contain_text("your money is all there")
    judge(phone, "devices-small-dark")
    phone.get_by_role("button", name="Remove").click()
    phone.locator("#revoke-sheet-yes").click()
    expect(phone.locator("[data-kid]")).to_have_count(1)

    expect(lost.get_by_text("This phone was given up on another of your devices")).to_be_visible()  # by itself
    expect(lost.locator("#handle")).to_have_value("ana")
    judge(lost, "welcome-revoked")
    send(phone, address, "li", "5")
    expect(phone.get_by_role("heading", name="Paid")).to_be_visible()

    phone.evaluate(FORGET)  # as Safari does after seven days without a visit
    phone.goto(f"{address}/")
    expect(phone.locator("#key-lost")).to_be_visible()
    judge(phone, "home-key-lost-small-dark")
    phone.get_by_role("button", name="Make a new key").click()
    type_pin(phone)
    expect(phone.locator("#key-lost")).to_be_hidden()
    expect(phone.locator("#amount")).to_have_text("¥995.00")
    send(phone, address, "li", "250")
    type_pin(phone)
    expect(phone.get_by_role("heading", name="Paid")).to_be_visible()
    li.goto(f"{address}/")
    expect(li.locator("#amount")).to_have_text("¥1,255.00")


def test_a_browser_is_signed_in_by_a_phone_that_scans_it(
    join: Callable[..., Page], page_for: PageFor, person: Any, address: str
) -> None:
    phone = join("Ana", PIN, **USUAL)
    browser, _ = page_for("screen", viewport={"width": 1024, "height": 768}, reduced_motion="reduce")
    browser.goto(f"{address}/welcome")
    browser.locator("#back-again").click()
    browser.get_by_role("link", name="Sign in with another phone").click()
    expect(browser.locator("#code svg")).to_be_visible()
    judge(browser, "login")
    person("ana")[1].show(screen_picture(browser, "#code"))
    phone.goto(f"{address}/scan")

    expect(phone.locator("#view")).to_contain_text("Let this browser into your wallet?")
    expect(phone.locator("#device")).to_contain_text("Chrome")
    judge(phone, "approve")
    expect(browser.locator("#state")).to_contain_text("Scanned by A***")
    phone.locator("#approve").click()
    type_pin(phone)
    expect(phone.locator("#approved")).to_contain_text("can pay for you now")

    expect(browser.locator("#amount")).to_have_text("¥1,000.00", timeout=15_000)
    browser.goto(f"{address}/security")
    expect(browser.get_by_text("On this phone", exact=True)).to_be_visible()
    expect(browser.get_by_text("2 can pay for you")).to_be_visible()
    judge(browser, "security")


def test_a_contacts_new_key_is_compared_and_a_first_payment_looked_at_twice(
    join: Callable[..., Page], address: str
) -> None:
    ana, li = join("Ana", PIN, **SMALL), join("Li", **USUAL)
    send(ana, address, "li", "250")
    expect(ana.locator("#caution")).to_contain_text("You have never paid @li")
    judge(ana, "caution-first-small-dark")
    ana.get_by_role("button", name="Go back").click()
    expect(ana.locator("#go")).to_be_enabled()
    li.goto(f"{address}/card")
    card = (li.locator("[data-copy]").first.get_attribute("data-copy") or "").partition("#")[2]
    ana.goto(f"{address}/q#{card}")
    ana.locator("#add").click()
    expect(ana.get_by_text("Safety number")).to_be_visible()
    expect(ana.locator("#check")).to_have_count(0)
    li.evaluate(FORGET)
    li.goto(f"{address}/")
    li.locator("#mend").click()
    expect(li.locator("#key-lost")).to_be_hidden()

    send(ana, address, "li", "5")
    ana.locator("#caution").get_by_role("link", name="Compare the safety number").click()
    judge(ana, "contact-new-key-small-dark")
    number = ana.locator("#safety-number").inner_text()
    li.goto(f"{address}/contacts")
    li.locator("[data-accept]").click()
    expect(li.locator("#known")).to_contain_text("Ana")
    li.goto(f"{address}/contacts/ana")
    li.get_by_text("Safety number").click()
    expect(li.locator("#safety-number")).to_be_visible()
    assert li.locator("#safety-number").inner_text() == number
    ana.locator("#check").click()
    expect(ana.locator("#check")).to_have_count(0)
    send(ana, address, "li", "5")
    expect(ana.get_by_role("heading", name="Paid")).to_be_visible()


def test_freezing_the_pin_and_the_limits_by_hand(join: Callable[..., Page], address: str) -> None:
    page = join("Ana", PIN, **SMALL)
    page.goto(f"{address}/security")
    judge(page, "security-small-dark")
    page.locator("#freeze").click()
    expect(page.locator("#lift")).to_be_visible()
    judge(page, "security-frozen-small-dark")
    page.locator("#change-pin").click()
    for pin in (PIN, "654321", "654322"):
        type_pin(page, pin)
    expect(page.locator("#pin-problem")).to_have_text("The two PINs differ. Choose one again.")
    for _ in range(2):
        type_pin(page, "654321")
    expect(page.locator("#pin-sheet")).to_be_hidden()
    page.locator("#lift").click()
    type_pin(page, "654321")
    expect(page.locator("#freeze")).to_be_visible()

    page.get_by_role("link", name="Limits").click()
    page.wait_for_url("**/limits")
    page.wait_for_load_state()
    page.locator("#has-daily").click()
    page.fill("#daily", "5x")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#problem")).to_contain_text("not an amount")
    page.fill("#daily", "300.50")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#today")).to_contain_text("¥0.00 of ¥300.50")
    judge(page, "limits-small-dark")
    page.fill("#daily", "400")
    page.get_by_role("button", name="Save").click()
    type_pin(page, "654321")
    expect(page.locator("#today")).to_contain_text("¥0.00 of ¥400.00")
