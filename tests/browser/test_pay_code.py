"""The pay code on the phone's screen: taken by a till, also offline, asked about, refused, in two tabs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from shared.codes import frame as frames
from shared.codes import payloads
from shared.identity import parties
from shared.payments import audit, orders
from shared.payments.states import IntentState
from tests.browser import people
from tests.browser.conftest import LAN_HOST, Join, PageFor
from tests.services import Services
from tests.world import Member, World

PHONE = {"viewport": {"width": 390, "height": 844}, "reduced_motion": "reduce"}
PIN = "123456"
LOOKED = "() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/api/confirmations'))"
"""The page has asked whether a shop waits, and from then on hears of it."""


@pytest.fixture
def world(sqlite_world: World) -> World:
    return sqlite_world


def ready_for_offline(page: Page) -> None:
    """The worker stands by, and the phone knows its owner without the service."""
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function(
        """async () => {
          const { keptFacts } = await import('/static/shared/kept.js');
          return Boolean((await keptFacts('phone'))?.kid) && navigator.serviceWorker.controller;
        }""",
        timeout=people.PATIENCE_MS,
    )


def shown(page: Page, unlike: str = "") -> str:
    """The text of the code on the screen, another than `unlike`."""
    expect(page.locator("#code:not(.stale) svg")).to_be_visible(timeout=people.PATIENCE_MS)
    page.wait_for_function("(old) => document.getElementById('code').dataset.code !== old", arg=unlike)
    return str(page.locator("#code").get_attribute("data-code"))


def opened(world: World, text: str) -> payloads.PayerCode:
    found = world.store.read(orders.open_as_of, frame=frames.frame_of_text(text), at_ms=None, now_s=None).payload
    assert isinstance(found, payloads.PayerCode)
    return found


def take(world: World, shop: Member, text: str, amount_minor: int = 1250) -> IntentState:
    """The shop charges what is on the screen."""
    return world.present(shop, world.intent(shop, amount_minor), frames.frame_of_text(text)).state


def test_a_till_takes_the_code_by_its_number_and_offline_by_its_picture(page_for: PageFor, services: Services) -> None:
    phone, _ = page_for("ana", device="iPhone 15")
    till = services.till()
    people.join(phone, services, "Ana")
    ready_for_offline(phone)
    phone.locator("nav a[href$='/pay-code']").click()  # one tap
    shown(phone)
    phone.wait_for_function("() => document.getElementById('number').textContent.length === 22")
    number = phone.locator("#number").inner_text()
    intent = till.charge(1250)["id"]
    assert till.accept(intent, number)["status"] == "captured"
    expect(phone.locator("#paid")).to_contain_text("¥12.50", timeout=people.PATIENCE_MS)
    expect(phone.locator("#paid")).to_contain_text("Paid to Corner Tea House")

    phone.context.set_offline(True)
    phone.goto(f"{services.wallet}/pay-code")
    shown(phone)
    expect(phone.locator("#no-number")).to_be_visible()
    expect(phone.locator("#offline")).to_be_visible()
    text = people.read_code(phone.locator("#drawing"))
    intent = till.charge(900)["id"]
    assert till.accept(intent, text)["status"] == "captured"
    expect(phone.locator("#paid")).to_be_hidden()
    phone.context.set_offline(False)
    expect(phone.locator("#paid")).to_contain_text("¥9.00", timeout=people.PATIENCE_MS)
    phone.get_by_role("link", name="Receipt").click()
    expect(phone.get_by_role("heading", name="Receipt")).to_be_visible()
    store = services.store()
    try:
        assert store.read(audit.run).faults == []
    finally:
        store.close()


def test_above_the_limit_the_phone_is_asked_wherever_it_is(
    join: Join, address: str, world: World, shop: Member
) -> None:
    page = join("Ana", pin=PIN)
    page.goto(address + "/pay-code")
    assert take(world, shop, shown(page), 25_000) is IntentState.REQUIRES_CONFIRMATION
    expect(page.locator("#go")).to_have_text("Pay ¥250.00")
    expect(page.locator(".payee")).to_contain_text("Corner-Tea")
    expect(page.locator(".payee")).to_contain_text("Verified")
    page.locator("#go").click()
    people.type_pin(page, PIN)
    expect(page.get_by_role("heading", name="Paid")).to_be_visible()
    assert world.balance(shop) == 25_000

    other = page.context.new_page()
    page.goto(address + "/pay-code")
    text = shown(page)
    page.goto(address + "/contacts")
    other.goto(address + "/")
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/api/confirmations'))"
    )
    assert take(world, shop, text, 30_000) is IntentState.REQUIRES_CONFIRMATION
    expect(page.locator("#asked")).to_contain_text("Corner-Tea asks for ¥300.00")
    other.wait_for_url("**/confirm/*")
    page.locator("#asked").click()
    page.get_by_role("button", name="decline").click()
    for view in (page, other):
        expect(view.get_by_role("heading", name="You declined")).to_be_visible()
    assert world.balance(shop) == 25_000
    other.goto(address + "/")
    expect(other.locator("#waiting")).to_be_hidden()


def test_two_tabs_never_show_the_same_counter_and_both_say_paid(
    join: Join, address: str, world: World, shop: Member
) -> None:
    page = join("Ana")
    other = page.context.new_page()
    for view in (page, other):
        view.goto(address + "/pay-code")
    first, second = shown(page), shown(other)
    assert opened(world, first).counter != opened(world, second).counter
    many = """async () => {
      const { nextCounter } = await import('/static/shared/kept.js');
      return Promise.all(Array.from({ length: 20 }, () => nextCounter('phone')));
    }"""
    counted = page.evaluate(many) + other.evaluate(many)
    assert len(set(counted)) == 40
    assert take(world, shop, second) is IntentState.CAPTURED
    for view in (page, other):
        expect(view.locator("#paid")).to_contain_text("¥12.50")


def test_a_phone_whose_clock_is_hours_off_seals_good_codes_also_offline(
    join: Join, address: str, world: World, shop: Member
) -> None:
    page = join("Ana")
    off = "(() => { const now = Date.now; Date.now = () => now() - 5 * 3600e3; })()"
    page.context.add_init_script(off)
    page.goto(address + "/")
    ready_for_offline(page)
    page.context.set_offline(True)
    page.goto(address + "/pay-code")
    assert take(world, shop, shown(page)) is IntentState.CAPTURED


def test_a_browser_without_a_secure_page_shows_a_code_of_the_servers_key(
    join: Join, address: str, world: World, shop: Member
) -> None:
    page, lan = join("Ana", host=LAN_HOST), address.replace("127.0.0.1", LAN_HOST)
    page.goto(lan + "/pay-code")
    text = shown(page)
    assert take(world, shop, text) is IntentState.CAPTURED
    expect(page.locator("#paid")).to_be_visible()
    page.goto(lan + "/pay-code")
    shown(page)
    page.route("**/api/payer_code", lambda route: route.abort())
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#refusal-text")).to_contain_text("needs the network")


def test_a_phone_that_lost_its_storage_says_what_to_do(join: Join, address: str) -> None:
    page = join("Ana")
    ready_for_offline(page)
    page.goto(address + "/me")
    page.evaluate("async () => { for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name); }")
    page.context.set_offline(True)
    page.goto(address + "/pay-code")
    expect(page.locator("#lost-text")).to_contain_text("Open the wallet once while you are online")
    page.context.set_offline(False)
    page.goto(address + "/pay-code")
    expect(page.locator("#lost-text")).to_contain_text("no key any more")
    page.locator("#lost a").click()
    expect(page.locator("#mend")).to_be_visible()


def test_a_code_that_no_shop_will_take_says_why(join: Join, address: str, world: World) -> None:
    page = join("Ana")
    page.goto(address + "/pay-code")
    shown(page)
    ana = world.store.read(parties.by_handle, handle="ana")
    world.store.run(parties.freeze_self, party_id=ana.id, is_frozen=True)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#refusal-text")).to_contain_text("frozen")
    expect(page.locator("#no-number")).to_be_hidden()
