"""The checkout both ways: the customer's code at the till's camera, typed, or from a scanner that types.

And what others see and hear of it: the customer's display, the sound box. One shop, real pages, a fake camera.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from merchant.catalog import queries as catalog
from shared.codes import frame as frames
from shared.codes.payloads import OrderKind
from shared.identity import parties
from shared.payments import numbers, orders
from shared.payments.states import IntentState
from tests.browser import looks, people
from tests.browser.camera import code_picture
from tests.browser.conftest import PageFor, Witness
from tests.browser.till.conftest import PHONE, SMALL, TABLET, Stand
from tests.merchant.shop import Shop
from tests.services import Services
from tests.world import Member

NO_PIN = 20_000
RECORD = """
window.spoken = [];
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
const speak = ({ text }) => {
  window.spoken.push(text);
  localStorage.setItem('saoma-said', `${localStorage.getItem('saoma-said') ?? ''}|${text}`);
};
Object.defineProperty(window, 'speechSynthesis', { value: { speak } });
"""
"""Notes what the browser is asked to say; there are no voices here."""
NOTE_STATES = """() => {
  window.states = [];
  const note = () => states.push(document.querySelector('#now')?.dataset.state);
  new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""
"""Notes what a display shows from now on: it says Paid for some seconds only, then it welcomes the next customer."""


@pytest.fixture
def ana(shop: Shop) -> Member:
    """A customer with 1,000.00, of which 200.00 go without being asked."""
    ana = shop.world.person("ana")
    shop.world.limit(ana, NO_PIN)
    return ana


@pytest.fixture
def till(stand: Stand) -> Stand:
    """The till's pages, which note what the browser is asked to say, and their camera."""
    return partial(stand, script=RECORD)


def charged(shop: Shop, amount_minor: int = 1250) -> str:
    return str(shop.browser().charge(amount_minor, "Table 4").json["id"])


def shown_by(shop: Shop, payer: Member) -> str:
    """What a phone shows: the text of a payer code."""
    return frames.code_text(shop.config.wallet_url, shop.world.payer_code(payer))


def number_of(shop: Shop, code: str) -> str:
    opened = shop.store.read(orders.open_as_of, frame=frames.frame_of_text(code), at_ms=None, now_s=None)
    return shop.store.run(numbers.issue, opened=opened).number


def judge(page: Page, name: str) -> None:
    looks.judge(page, f"ways-{name}", full_page=True, turns=False)


def spoken(page: Page) -> list[str]:
    return list(page.evaluate("window.spoken"))


def pay_at_the_counter(shop: Shop, payer: Member, amount_minor: int) -> None:
    world = shop.world
    world.execute(world.prepared(world.frame(payer, OrderKind.PAY, "corner-tea", amount_minor)))


def test_the_tills_camera_reads_the_customers_code(shop: Shop, till: Stand, ana: Member) -> None:
    id = charged(shop)
    page, camera = till(f"/checkout/{id}", viewport=PHONE, color_scheme="dark", locale="zh-CN")
    camera.show(code_picture(shown_by(shop, ana)))
    page.locator("[data-way=scan]").click()
    expect(page.locator("#checkout")).to_have_attribute("data-state", "paid")
    judge(page, "paid-phone")
    assert (shop.intent(id).state, shop.world.balance(ana)) == (IntentState.CAPTURED, 98_750)


def test_a_code_is_typed_by_hand_or_by_a_scanner_and_a_refused_one_says_why(
    shop: Shop, till: Stand, ana: Member, address: str
) -> None:
    id = charged(shop)
    page, _ = till(f"/checkout/{id}", color_scheme="dark")
    page.locator("[data-way=scan]").click()
    shop.store.run(parties.freeze_self, party_id=ana.id, is_frozen=True)
    page.fill("#payer-code", shown_by(shop, ana))
    page.locator("#take").click()
    expect(page.locator("#present-text")).to_contain_text("frozen their own wallet")
    judge(page, "refused")
    shop.store.run(parties.freeze_self, party_id=ana.id, is_frozen=False)
    number = number_of(shop, shown_by(shop, ana))
    page.fill("#payer-code", f"{number[:4]} {number[4:]}")
    page.keyboard.press("Enter")
    expect(page.locator("#checkout")).to_have_attribute("data-state", "paid")

    other = charged(shop, NO_PIN + 1)
    page.goto(f"{address}/checkout/{other}")
    expect(page.locator("#ways:not([inert])")).to_be_visible()  # from then on it listens
    page.keyboard.type(number_of(shop, shown_by(shop, ana)))  # no field has the focus
    page.keyboard.press("Enter")
    expect(page.locator("#checkout")).to_have_attribute("data-state", "asked")
    judge(page, "asked")
    page.locator("#cancel").click()
    expect(page.locator("#checkout")).to_have_attribute("data-state", "canceled")
    assert shop.world.balance(ana) == 98_750


def test_while_nobody_answers_the_same_code_is_asked_about_and_charged_once(
    shop: Shop, till: Stand, ana: Member, witness: Witness
) -> None:
    id = charged(shop)
    page, _ = till(f"/checkout/{id}")
    page.route("**/events**", lambda route: route.fulfill(status=503, body=""))
    answers = iter(["lost after it was done", "never sent"])

    def lose(route: Any) -> None:
        how = next(answers, None)
        if how == "lost after it was done":
            route.fetch()
        route.abort() if how else route.continue_()

    page.route("**/present", lose)
    page.locator("[data-way=scan]").click()
    page.fill("#payer-code", shown_by(shop, ana))
    page.locator("#take").click()
    expect(page.locator("#checkout")).to_have_attribute("data-state", "paid")
    assert shop.world.balance(ana) == 98_750


def test_the_display_follows_the_till_and_a_payment_is_said_once(
    shop: Shop, till: Stand, ana: Member, address: str
) -> None:
    page, _ = till("/display")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    page.locator("#voice").click()
    assert spoken(page) == ["Payments are said aloud"]
    counter = page.context.new_page()
    counter.set_viewport_size(TABLET)
    counter.goto(f"{address}/static-code")
    counter.evaluate("""async () => {
        const { showCart } = await import('/static/to-display.js');
        const lines = [{ name: 'Oolong', detail: '2 × ¥15.00', minor: 3000 }, { name: 'Egg tart', minor: 800 }];
        showCart(lines, 3800, 'CNY');
    }""")
    expect(page.locator("#cart")).to_contain_text("Oolong")
    judge(page, "display-cart")
    id = charged(shop)
    expect(page.locator("#now")).to_have_attribute("data-state", "waiting")
    expect(page.locator("#cart")).to_be_hidden()
    judge(page, "display-waiting")
    counter.goto(f"{address}/checkout/{id}")
    counter.wait_for_load_state()
    shop.scanned_by(ana, id)
    expect(page.locator("#now")).to_have_attribute("data-state", "scanned")
    shop.paid_by(ana, id)
    expect(page.locator("#now")).to_have_attribute("data-state", "paid")
    expect(counter.locator("#checkout")).to_have_attribute("data-state", "paid")
    judge(page, "display-paid")
    kept = "() => (localStorage.getItem('saoma-said') ?? '').split('|').filter((text) => text.includes('12.50'))"
    page.wait_for_function(f"() => ({kept})().length > 0")
    counter.wait_for_url(address + "/", timeout=people.PATIENCE_MS)  # it has had its time to speak, too
    assert page.evaluate(kept) == ["Received 12.50 yuan"]
    shop.world.pass_time(9)
    expect(page.locator("#now")).to_have_attribute("data-state", "idle")


@pytest.mark.parametrize(
    ("name", "options"),
    [("tablet", {"color_scheme": "dark"}), ("small", {"viewport": SMALL, "locale": "zh-CN"})],
)
def test_the_display_and_the_sound_box_can_be_read_touched_and_fit(
    shop: Shop, till: Stand, ana: Member, address: str, name: str, options: dict[str, Any]
) -> None:
    page, _ = till("/sound-box", **options)
    judge(page, f"box-empty-{name}")
    for amount_minor in (777, 123_456):
        pay_at_the_counter(shop, ana, amount_minor - 100_000 * (amount_minor > 100_000))
    expect(page.locator("[data-payment]")).to_have_count(2)
    judge(page, f"box-{name}")
    items = shop.store.read(catalog.for_sale, shop_id=shop.party.id)
    id = str(shop.browser().charge(0, "Table 4", **{items[0].id: 2, items[1].id: 99}).json["id"])
    for state in ("waiting", "canceled"):
        if state == "canceled":
            shop.browser().post(f"/api/sales/{id}/cancel")
        page.goto(f"{address}/display")
        expect(page.locator("#now")).to_have_attribute("data-state", state)
        judge(page, f"display-{state}-{name}")
    page.goto(f"{address}/checkout/{charged(shop, 10**12)}")
    page.wait_for_load_state()
    judge(page, f"checkout-{name}")
    page.locator("[data-way=scan]").click()
    expect(page.locator("#payer-code")).to_be_visible()
    page.locator("#camera").evaluate("video => video.readyState >= 2 || new Promise(done => video.onplaying = done)")
    judge(page, f"checkout-scan-{name}")


def test_the_sound_box_says_each_payment_also_after_its_stream_was_cut(shop: Shop, till: Stand, ana: Member) -> None:
    page, _ = till("/sound-box", locale="zh-CN")
    page.locator("#voice").click()
    pay_at_the_counter(shop, ana, 1250)
    page.wait_for_function("() => window.spoken.length === 2")
    page.route("**/events**", lambda route: route.abort())
    page.evaluate("dispatchEvent(new Event('online'))")  # the stream is opened anew, and cut
    for amount_minor in (100, 200, 300, 400):
        pay_at_the_counter(shop, ana, amount_minor)
    expect(page.locator("[data-payment]")).to_have_count(5)
    said = "window.spoken.slice(2).map((text) => Number(/[0-9.]+/.exec(text)[0]))"
    page.wait_for_function(f"() => {said}.reduce((sum, each) => sum + each, 0) === 10")
    assert spoken(page)[:2] == ["已开启语音播报", "收款到账 12.50 元"]


def test_a_payment_at_the_printed_code_is_told_to_the_open_checkout(shop: Shop, till: Stand, ana: Member) -> None:
    page, _ = till(f"/checkout/{charged(shop)}")
    for amount_minor, says in ((1250, "it is paid"), (1000, "¥2.50 less"), (1500, "¥2.50 more")):
        pay_at_the_counter(shop, ana, amount_minor)
        expect(page.locator("#at-counter")).to_contain_text(says)
    judge(page, "at-counter")
    expect(page.locator("#checkout")).to_have_attribute("data-state", "waiting")


def test_a_till_that_restarts_in_the_middle_of_a_sale_finds_it_paid(page_for: PageFor, services: Services) -> None:
    page, _ = page_for("cashier", viewport=TABLET, reduced_motion="reduce")
    people.open_till(page, services)
    page.wait_for_load_state()
    people.charge(page, "12.5")
    display = page.context.new_page()
    display.goto(f"{services.merchant}/display")
    expect(display.locator("#now")).to_have_attribute("data-state", "waiting")
    display.evaluate(NOTE_STATES)
    code = page.input_value("#link")
    services.kill("merchant")
    services.phone("Ana").pay(code)
    services.start("merchant")
    people.till_says(page, "paid")
    display.wait_for_function("() => states.includes('paid')", timeout=people.PATIENCE_MS)
