"""The till in a browser: charging by touch and by keys, a checkout that tells the truth without a reload, its looks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from itsdangerous import URLSafeTimedSerializer
from playwright.sync_api import Page, expect

from merchant import sweeper
from shared.codes.payloads import OrderKind
from shared.identity import keys
from shared.payments import intents, presented
from shared.payments.states import IntentState
from shared.settlement import actions as settlement
from shared.settlement import payouts
from tests.browser import looks
from tests.browser.conftest import LAN_HOST, PageFor
from tests.browser.till.conftest import SMALL, TABLET, Open
from tests.merchant.shop import Shop
from tests.world import SECRET, Member


def charged(page: Page, keys: str = "12.5") -> str:
    """Type an amount on real keys and charge it; the intent's id."""
    for key in keys:
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    arrive(page, "#checkout")
    return id_of(page)


def arrive(page: Page, part: str) -> None:
    """Wait for a page that has this part, and for its scripts: they have run when it is loaded."""
    expect(page.locator(part)).to_be_visible()
    page.wait_for_load_state()


def id_of(page: Page) -> str:
    found = re.search(r"/checkout/(pi_\w+)", page.url)
    assert found, page.url
    return found.group()[len("/checkout/") :]


def expect_state(page: Page, state: str) -> None:
    expect(page.locator("#checkout")).to_have_attribute("data-state", state)


def hear_announcements(page: Page) -> Callable[[], list[str]]:
    """What a screen reader is told from now on."""
    page.evaluate("""() => {
        window.heard = [];
        const region = document.getElementById('status');
        new MutationObserver(() => region.textContent && window.heard.push(region.textContent))
            .observe(region, {childList: true, characterData: true, subtree: true});
    }""")
    return lambda: list(page.evaluate("window.heard"))


def test_a_cashier_signs_in_and_a_wrong_pin_says_so(shop: Shop, address: str, page_for: PageFor) -> None:
    page, _ = page_for("cashier", viewport=TABLET, reduced_motion="reduce")
    page.goto(address)
    expect(page.locator("#shop")).to_have_value("corner-tea")
    page.fill("#pin", "000000" if shop.told["pin"] != "000000" else "111111")
    expect(page.locator("#problem")).to_contain_text("Tries left: 4")
    page.wait_for_load_state()
    page.fill("#pin", shop.told["pin"])
    expect(page.locator("#register")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#signin")).to_be_visible()


def test_a_launchers_ticket_opens_the_till_and_leaves_no_trace(shop: Shop, address: str, page_for: PageFor) -> None:
    page, _ = page_for("cashier", reduced_motion="reduce")
    made = URLSafeTimedSerializer(SECRET, salt="saoma-join").dumps({"who": "till", "n": "1"})
    page.goto(f"{address}/join#ticket={made}")
    expect(page.locator("#register")).to_be_visible()
    assert page.url == f"{address}/"
    page.goto(f"{address}/join#ticket={made}")
    expect(page.locator("#register")).to_be_visible()
    page.context.clear_cookies()
    page.goto("about:blank")
    page.goto(f"{address}/join#ticket={made}")
    expect(page.locator("#news")).to_contain_text("has been used")
    page.get_by_role("link", name="Sign in with a PIN").click()
    expect(page.locator("#signin")).to_be_visible()


def test_an_amount_is_charged_by_touch(shop: Shop, till: Open) -> None:
    page = till()
    expect(page.locator("#charge")).to_be_disabled()
    for key in ("1", "2", "Decimal point", "5"):
        page.get_by_role("button", name=key, exact=True).click()
    expect(page.locator("#total")).to_have_text("¥12.50")
    page.get_by_role("button", name="Charge ¥12.50").click()
    expect(page.locator("#checkout")).to_be_visible()
    assert shop.intent(id_of(page)).amount_minor == 1250


def test_an_amount_is_charged_by_real_keys(shop: Shop, till: Open) -> None:
    page = till()
    for key in ["9", "Escape", "1", "2", "3", "Backspace", ".", "5", "0", "7"]:
        page.keyboard.press(key)
    expect(page.locator("#total")).to_have_text("¥12.50")
    page.keyboard.press("Enter")
    expect(page.locator("#checkout")).to_be_visible()
    assert shop.intent(id_of(page)).amount_minor == 1250


@pytest.mark.parametrize(
    "looks_of", [{"viewport": TABLET}, {"viewport": SMALL, "color_scheme": "dark", "locale": "zh-CN"}]
)
def test_a_phone_that_is_asked_and_declines_is_told_of_as_it_happens(
    till: Open, shop: Shop, ana: Member, looks_of: dict[str, Any]
) -> None:
    shop.world.limit(ana, 20_000)
    page = till(**looks_of)
    id = charged(page, "300")
    key = shop.store.read(keys.server_signer, party_id=shop.party.id, secret=SECRET)
    code = shop.world.payer_code(ana)
    order = shop.store.read(presented.prepare, shop=shop.party, signer=key, intent_id=id, code=code)
    shop.store.run(presented.charge_presented, order=order)

    expect_state(page, "asked")
    expect(page.locator("#cancel")).to_be_visible()
    name = "dark-zh" if "locale" in looks_of else "light"
    looks.judge(page, f"till-asked-{name}", full_page=True)
    shop.store.run(presented.decline, intent_id=id, party_id=ana.id)
    expect_state(page, "declined")
    looks.judge(page, f"till-declined-{name}", full_page=True)
    page.locator("#again").click()
    expect_state(page, "waiting")


def test_goods_and_a_typed_amount_make_one_sale(shop: Shop, till: Open) -> None:
    page = till()
    oolong, tart = page.locator("[data-name=Oolong]"), page.locator("[data-name='Egg tart']")
    oolong.click()
    oolong.click()
    tart.click()
    page.get_by_role("button", name="One Egg tart less").click()
    page.get_by_role("button", name="One more Oolong").click()
    expect(oolong).to_contain_text("×3")
    expect(tart.locator(".count")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#total")).to_have_text("¥0.00")
    tart.click()
    page.keyboard.press("5")
    expect(page.locator("#lines li")).to_have_count(2)
    expect(page.locator("#total")).to_have_text("¥13.00")
    page.fill("#reference", "Table 4")
    page.keyboard.press("Enter")
    expect(page.locator("#checkout")).to_be_visible()
    intent = shop.intent(id_of(page))
    assert (intent.amount_minor, intent.memo, intent.reference) == (1300, "Egg tart", "Table 4")
    expect(page.locator(".what")).to_contain_text("Egg tart")


def test_a_refused_sale_says_why_and_stays(shop: Shop, till: Open) -> None:
    page = till()
    page.locator("[data-name=Oolong]").click()
    total = page.locator("#total").inner_text()
    shop.store.run(lambda uow: uow.sql.run("DELETE FROM catalog_item WHERE name = 'Oolong'"))
    page.locator("#charge").click()
    expect(page.locator("#status")).to_contain_text("not sold here any more")
    expect(page.locator("#total")).to_have_text(total)
    expect(page.locator("#charge")).to_be_enabled()


def test_a_typed_reference_is_cut_to_what_a_code_carries(shop: Shop, till: Open) -> None:
    page = till()
    page.fill("#reference", "茶茶茶茶茶茶")
    page.locator("#reference").blur()
    page.keyboard.press("5")
    page.locator("#charge").click()
    expect(page.locator("#checkout")).to_be_visible()
    assert shop.intent(id_of(page)).reference == "茶茶茶茶茶"


def test_the_checkout_turns_to_paid_without_a_reload_and_goes_back_by_itself(
    shop: Shop, till: Open, ana: Member
) -> None:
    page = till()
    id = charged(page)
    heard = hear_announcements(page)
    expect_state(page, "waiting")
    shop.scanned_by(ana, id)
    expect_state(page, "scanned")
    expect(page.get_by_text("Scanned by A***").first).to_be_visible()
    shop.paid_by(ana, id)
    expect_state(page, "paid")
    expect(page.get_by_text("Paid by A***")).to_be_visible()
    expect(page.locator("[data-qr]")).to_be_hidden()
    assert heard() == ["Scanned by A***", "Paid: ¥12.50 by A***"]
    expect(page.locator("#register")).to_be_visible(timeout=10_000)
    expect(page.locator("#total")).to_have_text("¥0.00")


def test_any_key_after_a_payment_begins_the_next_sale(shop: Shop, till: Open, ana: Member) -> None:
    page = till()
    shop.paid_by(ana, charged(page))
    expect_state(page, "paid")
    page.keyboard.press("Space")
    expect(page.locator("#register")).to_be_visible()


def test_a_reload_shows_the_true_state(shop: Shop, till: Open, ana: Member) -> None:
    page = till()
    id = charged(page)
    shop.scanned_by(ana, id)
    page.reload()
    expect_state(page, "scanned")
    shop.paid_by(ana, id)
    page.reload()
    expect_state(page, "paid")
    expect(page.locator("[data-qr]")).to_be_hidden()


def test_a_checkout_whose_stream_is_refused_asks_by_itself(shop: Shop, till: Open, ana: Member) -> None:
    page = till()
    page.route("**/events**", lambda route: route.fulfill(status=503, body=""))
    id = charged(page)
    shop.paid_by(ana, id)
    expect_state(page, "paid")


def test_an_expired_code_is_replaced_by_a_new_one_and_stays_expired(shop: Shop, till: Open, ana: Member) -> None:
    page = till()
    old = charged(page)
    heard = hear_announcements(page)
    shop.world.pass_time(intents.USUAL_TTL_S + 62)
    sweeper.sweep(shop.store)
    expect_state(page, "expired")
    expect(page.locator("[data-qr]")).to_be_hidden()
    assert heard() == ["This code has expired"]
    page.get_by_role("button", name="New code").click()
    expect_state(page, "waiting")
    new = id_of(page)
    assert new != old
    assert (shop.intent(old).state, shop.intent(new).amount_minor) == (IntentState.EXPIRED, 1250)
    shop.paid_by(ana, new)
    expect_state(page, "paid")


def test_the_countdown_shows_a_number_only_near_its_end_and_then_the_code_goes(shop: Shop, till: Open) -> None:
    page = till()
    charged(page)
    expect(page.locator("#seconds")).to_have_text("")
    shop.world.pass_time(intents.USUAL_TTL_S - 4)
    page.reload()
    expect(page.locator("#seconds")).to_have_text(re.compile(r"^[1-4]$"))
    expect_state(page, "late")
    expect(page.locator("[data-qr]")).to_be_hidden()
    assert page.locator("[aria-live], [role=status], [role=alert]").count() == 1


def test_a_sale_is_canceled(shop: Shop, till: Open) -> None:
    page = till()
    id = charged(page)
    page.get_by_role("button", name="Cancel the sale").click()
    expect_state(page, "canceled")
    assert shop.intent(id).state is IntentState.CANCELED
    page.get_by_role("link", name="New sale").click()
    expect(page.locator("#register")).to_be_visible()


def test_the_link_can_be_copied_where_the_page_is_not_secure(till: Open) -> None:
    page = till(host=LAN_HOST)
    charged(page)
    assert page.evaluate("window.isSecureContext") is False
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#status")).to_have_text(re.compile("copied|selected"))
    assert page.evaluate("getSelection().toString()") == page.input_value("#link")


def test_sales_appear_in_the_list_without_a_reload(shop: Shop, till: Open, ana: Member) -> None:
    page = till("/sales")
    expect(page.get_by_text("No sales yet")).to_be_visible()
    world = shop.world
    world.execute(world.prepared(world.frame(ana, OrderKind.PAY, "corner-tea", 777)))
    rows = page.locator("#sales li:not(.day)")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("¥7.77")
    expect(rows.first).to_contain_text("Paid")
    other = shop.browser().charge(500).json["id"]
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Waiting")
    shop.paid_by(ana, other)
    expect(rows.first).to_contain_text("Paid")
    rows.first.locator("a").click()
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()


def test_one_sales_page_follows_what_happens_to_it(shop: Shop, till: Open, ana: Member) -> None:
    id = shop.browser().charge(500).json["id"]
    page = till(f"/sales/{id}")
    expect(page.get_by_text("Waiting for the customer")).to_be_visible()
    shop.paid_by(ana, id)
    expect(page.get_by_text("Paid by A***")).to_be_visible()


def test_the_payouts_page_follows_the_batch_without_a_reload(shop: Shop, till: Open, ana: Member) -> None:
    shop.paid_by(ana, shop.browser().charge(500).json["id"])
    page = till("/money")
    expect(page.locator("#coming")).to_contain_text("¥4.97")
    expect(page.get_by_text("No batches yet")).to_be_visible()
    [batch] = settlement.settle(shop.store, cutoff_at=None, secret=SECRET).batches
    row = page.locator("#batches .row")
    expect(row).to_contain_text("On its way")
    with page.expect_navigation():
        shop.store.run(payouts.mark_paid, batch_id=batch.id, secret=SECRET)
    expect(row).to_contain_text("Arrived")
    row.click()
    with page.expect_download() as kept:
        page.get_by_role("link", name="Settlement file (CSV)").click()
    assert kept.value.suggested_filename == f"corner-tea-{batch.id}.csv"


def test_the_shop_code_fits_one_small_sheet(till: Open) -> None:
    page = till("/static-code", viewport={"width": 336, "height": 499})
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.locator(".poster-name")).to_be_visible()
    sheet = page.pdf(prefer_css_page_size=True)
    assert re.findall(rb"/MediaBox \[0 0 (\d+)\S* (\d+)\S*\]", sheet) == [(b"298", b"420")], "one page of A6, in points"


@pytest.mark.parametrize(("scheme", "size"), looks.stood_at((TABLET, SMALL)))
def test_every_page_can_be_read_touched_and_fits(
    shop: Shop, till: Open, address: str, ana: Member, size: dict[str, int], scheme: str
) -> None:
    browser = shop.browser()
    [waiting, paid, expired, canceled] = [browser.charge(1250, "Table 4").json["id"] for _ in range(4)]
    shop.paid_by(ana, paid)
    browser.post(f"/api/sales/{canceled}/cancel")
    shop.world.pass_time(intents.USUAL_TTL_S + 62)
    sweeper.sweep(shop.store)
    [batch] = settlement.settle(shop.store, cutoff_at=None, secret=SECRET).batches
    shop.store.run(payouts.mark_returned, batch_id=batch.id, reason="account closed", secret=SECRET)
    waiting = browser.charge(10**12).json["id"]
    page = till(viewport=size, color_scheme=scheme)
    page.locator("[data-good]").first.click()
    page.keyboard.press("5")
    looks.judge(page, f"till-keypad-{size['width']}-{scheme}", full_page=True)
    paths = ["/sales", f"/sales/{paid}", "/static-code", "/money", f"/money/batches/{batch.id}"]
    paths += [f"/checkout/{id}" for id in (waiting, paid, expired, canceled)]
    for path in paths:
        page.goto(address + path)
        looks.judge(page, f"till-{path.strip('/').replace('/', '-')}-{size['width']}-{scheme}", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sign_in_page_can_be_read_touched_and_fits(address: str, page_for: PageFor, scheme: str) -> None:
    page, _ = page_for("cashier", viewport=SMALL, color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"{address}/signin")
    looks.judge(page, f"till-signin-{scheme}", full_page=True)
