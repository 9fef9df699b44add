"""The wallet in a browser: joining, every way to scan, the PIN, collecting, doubtful payments, coming back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from playwright.sync_api import Page, Route, expect

from shared.codes import frame as frames
from shared.codes import payloads, seal
from shared.codes.render import qr_png
from shared.config import from_environment
from shared.payments import audit, intents
from tests.browser import looks, people
from tests.browser.camera import code_picture, screen_picture
from tests.browser.conftest import LAN_HOST, Join, PageFor, Witness
from tests.world import SECRET, Member, World
from wallet.app import create_app
from wallet.seed import seed_people

PHONE = {"viewport": {"width": 390, "height": 844}, "reduced_motion": "reduce"}


@pytest.fixture
def app(sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    return create_app(from_environment({"SAOMA_DATA_DIR": str(tmp_path), "SAOMA_DEMO": "1"}), sqlite_world.store)


@pytest.fixture
def world(sqlite_world: World) -> World:
    return sqlite_world


def code_of(intent: intents.PaymentIntent, address: str) -> str:
    return frames.code_text(address, intent.code)


def paid(page: Page) -> str:
    """Press Pay and see the tick; the transfer's id."""
    page.locator("#go").click()
    expect(page.get_by_role("heading", name="Paid")).to_be_visible()
    return page.url.rpartition("/")[2]


def balance(page: Page, address: str, figure: str) -> None:
    page.goto(address + "/")
    expect(page.locator("#amount")).to_have_text(figure)


def test_joining_makes_a_key_that_stays_on_the_phone(join: Join, address: str, world: World) -> None:
    page = join("Ana", pin="123456")
    expect(page.locator("#amount")).to_have_text("¥1,000.00")
    page.get_by_role("link", name="Me", exact=True).click()
    page.get_by_role("link", name="Security").click()
    expect(page.get_by_text("On this phone", exact=True)).to_be_visible()
    expect(page.get_by_text("Set", exact=True)).to_be_visible()
    [(custody,)] = world.store.read(
        lambda reader: reader.sql.rows(
            "SELECT custody FROM identity_key AS k JOIN identity_party AS p ON p.id = k.party_id WHERE p.kind = 'user'"
        )
    )
    assert custody == "device"


def test_two_pins_that_differ_are_asked_for_again(address: str, page_for: PageFor) -> None:
    page, _ = page_for("ana", **PHONE)
    page.goto(address + "/welcome")
    assert re.fullmatch(r"[A-Z][a-z]+ [A-Z][a-z]+", page.locator("#name").input_value())
    page.get_by_role("button", name="Continue").click()
    people.type_pin(page, "123456")
    expect(page.locator("#pin-title")).to_have_text("Enter it again")
    people.type_pin(page, "123457")
    expect(page.locator("#problem")).to_have_text("The two PINs differ. Choose one again.")
    expect(page.locator("#pin-title")).to_have_text("Choose a PIN")
    page.fill("#pin", "654321")  # pasted, as a password manager does
    expect(page.locator("#pin-title")).to_have_text("Enter it again")
    page.fill("#pin", "654321")
    expect(page.locator("#recent")).to_be_visible()


def test_a_name_that_cannot_be_says_why(address: str, page_for: PageFor) -> None:
    page, _ = page_for("ana", **PHONE)
    page.goto(address + "/welcome")
    page.fill("#name", "A\u0430")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#problem")).not_to_be_empty()
    expect(page.locator("#name-step")).to_be_visible()


def test_a_code_that_brought_a_newcomer_is_opened_after_joining(
    address: str, page_for: PageFor, world: World, shop: Member
) -> None:
    intent = world.intent(shop, 1250)
    page, _ = page_for("ana", **PHONE)
    page.goto(code_of(intent, address))
    page.get_by_role("button", name="Continue").click()
    page.locator("#skip").click()
    expect(page.locator("#go")).to_have_text("Pay ¥12.50")


def test_a_page_without_https_leaves_the_key_to_the_server_and_pays_all_the_same(
    join: Join, address: str, world: World, shop: Member
) -> None:
    page, lan = join("Ana", host=LAN_HOST), address.replace("127.0.0.1", LAN_HOST)
    intent = world.intent(shop, 1250)
    page.goto(code_of(intent, lan))
    paid(page)
    page.goto(lan + "/collect")
    expect(page.locator("#drawing svg")).to_be_visible()
    page.goto(lan + "/scan")
    expect(page.locator("#problem-text")).to_contain_text("secure (https) page")
    page.goto(lan + "/security")
    expect(page.get_by_text("On the server")).to_be_visible()
    expect(page.locator("#new-key")).to_be_hidden()
    assert world.balance(shop) == 1250
    assert not world.store.read(audit.run).faults


def test_a_printed_code_is_scanned_by_the_camera_and_the_amount_typed(
    join: Join, page_for: PageFor, person: Any, address: str, world: World, shop: Member
) -> None:
    page = join("Ana")
    _, camera = person("ana")
    printed = seal.seal(payloads.ShopCode("corner-tea", 156, world.now() // 1000), shop.key, world.realm)
    camera.show(code_picture(frames.code_text("http://192.168.7.7:5001", printed)), angle=5, blur=0.6)
    page.get_by_role("navigation", name="Main pages").get_by_role("link", name="Scan").click()
    expect(page.locator("#pay")).to_contain_text("Corner-Tea")
    expect(page.locator("#go")).to_be_disabled()
    people.press(page, "12.5")
    expect(page.locator("#go")).to_have_text("Pay ¥12.50")
    paid(page)
    assert world.balance(shop) == 1250


def test_a_photo_and_a_pasted_text_open_codes_and_foreign_ones_are_named(
    join: Join, person: Any, address: str, world: World, shop: Member
) -> None:
    page = join("Ana")
    person("ana")[1].look_away()
    text_of_code = code_of(world.intent(shop, 1250), address)
    page.goto(address + "/scan")
    photo = {"name": "photo.png", "mimeType": "image/png", "buffer": qr_png("WIFI:S:home;;")}
    page.locator("#photo").set_input_files(photo)
    expect(page.locator("#problem-text")).to_contain_text("This is a Wi-Fi code")
    page.locator("#photo").set_input_files(photo | {"buffer": b"no picture"})
    expect(page.locator("#problem-text")).to_contain_text("not a picture")
    page.locator("#photo").set_input_files(photo | {"buffer": qr_png(text_of_code)})
    expect(page.locator("#go")).to_have_text("Pay ¥12.50")

    page.goto(address + "/scan")
    page.get_by_text("Paste a code").click()
    page.fill("#text", "https://example.org/")
    page.get_by_role("button", name="Open").click()
    expect(page.locator("#problem-text")).to_contain_text("web page")
    page.fill("#text", text_of_code.partition("#")[2])
    page.get_by_role("button", name="Open").click()
    expect(page.locator("#go")).to_have_text("Pay ¥12.50")


COUNT_TAPS = """addEventListener('click', ({ isTrusted }) => isTrusted &&
  sessionStorage.setItem('taps', 1 + Number(sessionStorage.getItem('taps') ?? 0)), true);"""


def taps(page: Page) -> int:
    """How often the page was pressed since the last question."""
    count = page.evaluate("Number(sessionStorage.getItem('taps') ?? 0)")
    page.evaluate("sessionStorage.removeItem('taps')")
    return int(count)


def test_paying_takes_two_taps_a_pay_code_one_and_collecting_one_and_the_digits(
    join: Join, person: Any, address: str, world: World, shop: Member
) -> None:
    page, (_, camera) = join("Ana"), person("ana")
    page.context.add_init_script(COUNT_TAPS)
    page.goto(address + "/")
    camera.show(code_picture(code_of(world.intent(shop, 1250), address)))
    page.locator("nav a[href$='/scan']").first.click()
    paid(page)
    assert taps(page) == 2

    page.goto(address + "/")
    page.get_by_role("link", name="Pay code").click()
    expect(page.locator("#code:not(.stale) svg")).to_be_visible()
    assert taps(page) == 1

    page.goto(address + "/")
    page.get_by_role("link", name="Collect").click()
    people.press(page, "75")
    expect(page.locator("#what")).to_have_text("Asks for ¥75.00")
    expect(page.locator("#code:not(.stale) svg")).to_be_visible()
    assert taps(page) == 3


@pytest.mark.parametrize("fragment", ["123", "hello", "", "0" * 701])
def test_a_link_without_a_good_code_says_so_and_pays_nothing(join: Join, address: str, fragment: str) -> None:
    page = join("Ana")
    page.goto(f"{address}/q#{fragment}")
    expect(page.locator("#problem-text")).not_to_be_empty()
    expect(page.get_by_role("link", name="Scan again")).to_be_visible()


def test_a_paid_and_a_withdrawn_request_offer_no_button(join: Join, address: str, world: World, shop: Member) -> None:
    page, li = join("Ana"), join("Li")
    done, gone = world.intent(shop, 1250), world.intent(shop, 900)
    world.store.run(intents.cancel, intent_id=gone.id, shop_id=shop.id)
    page.goto(code_of(done, address))
    paid(page)
    page.goto(code_of(done, address))
    expect(page.get_by_text("You already paid this")).to_be_visible()
    page.get_by_role("link", name="Receipt").click()
    expect(page.get_by_role("heading", name="Receipt")).to_be_visible()
    for code, words in ((done, "This was paid already"), (gone, "not to be paid any more")):
        li.goto(code_of(code, address))
        expect(li.get_by_text(words)).to_be_visible()
        expect(li.locator("#go")).to_have_count(0)


def test_a_large_payment_asks_for_the_pin(join: Join, address: str, world: World, shop: Member) -> None:
    page = join("Ana", pin="123456")
    page.goto(code_of(world.intent(shop, 25_000), address))
    page.locator("#go").click()
    expect(page.locator("#pin-sheet")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#pin-sheet")).to_be_hidden()
    expect(page.locator("#go")).to_be_enabled()
    page.locator("#go").click()
    people.type_pin(page, "000000")
    expect(page.locator("#pin-problem")).to_contain_text("Tries left: 4")
    assert world.balance(shop) == 0
    people.type_pin(page, "123456")
    expect(page.get_by_role("heading", name="Paid")).to_be_visible()
    assert world.balance(shop) == 25_000


def test_without_a_pin_the_first_one_is_chosen_right_there(
    join: Join, address: str, world: World, shop: Member
) -> None:
    page = join("Ana")
    page.goto(code_of(world.intent(shop, 25_000), address))
    page.locator("#go").click()
    expect(page.locator("#pin-title")).to_have_text("Choose a PIN")
    people.type_pin(page, "123456")
    expect(page.locator("#pin-title")).to_have_text("Enter it again")
    people.type_pin(page, "123456")
    expect(page.get_by_role("heading", name="Paid")).to_be_visible()
    page.goto(address + "/security")
    expect(page.locator("#change-pin")).to_be_visible()
    expect(page.locator("#set-pin")).to_have_count(0)


def test_a_balance_that_is_too_low_is_said_above_the_button(
    join: Join, address: str, world: World, shop: Member
) -> None:
    page = join("Ana", pin="123456")
    page.goto(code_of(world.intent(shop, 100_001), address))
    page.locator("#go").click()
    people.type_pin(page, "123456")
    expect(page.locator("#pay-problem")).to_have_text("Balance too low: you have ¥1,000.00. Nothing was paid.")
    expect(page.locator("#pay-problem")).to_be_focused()
    expect(page.locator("#go")).to_be_enabled()


def test_contacts_are_asked_answered_named_and_removed_without_a_reload(join: Join, person: Any, address: str) -> None:
    ana, li = join("Ana"), join("Li Wei")
    ana.goto(address + "/card")
    person("li")[1].show(screen_picture(ana, "#card"))
    li.goto(address + "/scan")
    expect(li.get_by_text("Not in your contacts")).to_be_visible()
    li.get_by_role("button", name="Add Ana").click()
    expect(li.get_by_text("Ana has not answered yet")).to_be_visible()
    ana.get_by_role("button", name="Accept Li Wei").click()
    expect(ana.locator("#waiting")).to_be_hidden()

    li.fill("#alias", "My Ana")
    li.get_by_role("button", name="Save").click()
    expect(li.locator("#portrait")).to_contain_text("registered as Ana")
    li.goto(address + "/contacts")
    expect(li.locator("#known")).to_contain_text("My Ana")
    ana.goto(address + "/contacts/li-wei")
    fingerprint = ana.get_by_text(re.compile(r"^([0-9a-f]{4} ?){4}$"))
    expect(fingerprint).to_have_count(0)  # she was scanned, and has scanned nobody
    ana.get_by_role("button", name="Remove").click()
    ana.locator("#remove-yes").click()
    expect(ana.get_by_text("No contacts yet")).to_be_visible()


def test_a_request_is_declined_on_the_contacts_page_as_it_comes(join: Join, address: str) -> None:
    ana, li = join("Ana"), join("Li")
    ana.goto(address + "/card")
    card = ana.locator("[data-copy]").get_attribute("data-copy") or ""
    ana.goto(address + "/contacts")
    li.goto(f"{address}/q#{card.partition('#')[2]}")
    li.locator("#add").click()
    ana.get_by_role("button", name="Decline Li").click()
    expect(ana.locator("#waiting")).to_be_hidden()
    expect(ana.locator("#status")).to_have_text("Declined. They are not told.")


def test_money_is_collected_live_and_each_request_is_paid_once(join: Join, person: Any, address: str) -> None:
    ana, li = join("Ana"), join("Li")
    li.goto(address + "/collect")
    expect(li.locator("#code[data-amount='0']:not(.stale) svg")).to_be_visible()
    looks.listen(li)
    first = li.locator("#copy").get_attribute("data-copy")
    people.press(li, "12.5")
    expect(li.locator("#code[data-amount='1250']:not(.stale)")).to_be_visible()
    second = li.locator("#copy").get_attribute("data-copy")
    assert first != second
    person("ana")[1].show(screen_picture(li, "#code"))
    ana.goto(address + "/scan")
    expect(ana.locator("#go")).to_have_text("Pay ¥12.50")
    expect(ana.get_by_text("Not in your contacts", exact=True)).to_be_visible()
    ana.fill("#note", "Noodles")
    paid(ana)
    expect(li.locator("#notice-text")).to_have_text("Received ¥12.50 from Ana")
    assert looks.announced(li).count("Received ¥12.50 from Ana") == 1
    expect(li.locator("#code:not(.stale)")).to_be_visible()
    expect(li.locator("#copy")).not_to_have_attribute("data-copy", second or "")
    ana.goto(f"{address}/q#{(second or '').partition('#')[2]}")
    expect(ana.get_by_text("This was paid already")).to_be_visible()
    li.goto(address + "/statement")
    expect(li.locator(".row").first).to_contain_text("Noodles")


def test_home_and_statement_follow_without_a_reload_and_the_balance_hides(
    join: Join, address: str, world: World
) -> None:
    page, mei = join("Ana"), world.person("mei")
    page.evaluate("globalThis.isSame = true")
    looks.listen(page)
    world.execute(world.prepared(world.frame(mei, payloads.OrderKind.SEND, "ana", 700)))
    expect(page.locator("#amount")).to_have_text("¥1,007.00")
    expect(page.locator("#status")).to_have_text("Received ¥7.00 from Mei")
    expect(page.locator("#recent .row").first).to_contain_text("Mei")
    page.get_by_role("button", name="Hide the balance").click()
    expect(page.locator("#amount")).to_be_hidden()
    world.execute(world.prepared(world.frame(mei, payloads.OrderKind.SEND, "ana", 100)))
    expect(page.locator("#recent .row").first).to_contain_text("¥1.00")
    expect(page.locator("#amount")).to_be_hidden()
    assert looks.announced(page) == ["Received ¥7.00 from Mei", "Received ¥1.00 from Mei"]
    assert page.evaluate("globalThis.isSame") is True
    page.goto(address + "/statement")
    expect(page.get_by_role("heading", name="Today")).to_have_count(1)
    world.execute(world.prepared(world.frame(mei, payloads.OrderKind.SEND, "ana", 200)))
    expect(page.locator(".row").first).to_contain_text("¥2.00")
    expect(page.get_by_role("heading", name="Today")).to_have_count(1)


def test_a_statement_of_many_days_has_a_header_for_each_and_older_pages(join: Join, address: str, world: World) -> None:
    page, mei = join("Ana"), world.person("mei")
    for _ in range(22):
        world.pass_time(3 * 3600)
        world.execute(world.prepared(world.frame(mei, payloads.OrderKind.SEND, "ana", 100)))
    page.goto(address + "/statement")
    expect(page.locator("#entries .row")).to_have_count(20)
    expect(page.locator(".day h3").nth(2)).to_be_visible()
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newest")).to_be_visible()
    expect(page.locator("#entries .row")).to_have_count(3)
    expect(page.locator(".day h3").first).to_be_visible()


class Server:
    """What becomes of orders on their way: let through, lost before, lost after, or answered by a broken service."""

    def __init__(self, page: Page) -> None:
        self.mode = "through"
        self.sent: list[str] = []
        page.route("**/api/orders", self._take)

    def _take(self, route: Route) -> None:
        self.sent.append(route.request.post_data or "")
        if self.mode == "lost before":
            route.abort()
        elif self.mode == "lost after":
            route.fetch()
            route.abort()
        elif self.mode == "broken":
            route.fulfill(status=502, body="bad gateway")
        else:
            route.continue_()


def test_a_payment_whose_answer_is_lost_is_followed_and_made_once(
    join: Join, address: str, world: World, shop: Member
) -> None:
    page = join("Ana")
    server = Server(page)
    page.goto(code_of(world.intent(shop, 1250), address))
    server.mode = "lost after"
    page.locator("#go").click()
    expect(page.locator("#checking")).to_contain_text("Do not pay again; we are checking.")
    expect(page.locator("#checking")).to_contain_text("¥12.50 to Corner-Tea")
    expect(page.locator("#go")).to_be_hidden()
    server.mode = "broken"
    page.reload()
    expect(page.locator("#checking")).to_be_visible()
    page.goto(address + "/")
    expect(page.locator("#pending")).to_be_visible()
    page.get_by_role("link", name="See how it stands").click()
    server.mode = "through"
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_role("heading", name="Paid")).to_be_visible()
    assert len(set(server.sent)) == 1, "the same order each time"
    assert world.balance(shop) == 1250
    page.goto(address + "/")
    expect(page.locator("#pending")).to_be_hidden()


def test_a_payment_that_never_arrived_in_time_is_said_to_be_unpaid(
    join: Join, address: str, world: World, shop: Member
) -> None:
    page = join("Ana")
    server = Server(page)
    page.goto(code_of(world.intent(shop, 1250), address))
    server.mode = "lost before"
    page.locator("#go").click()
    expect(page.locator("#checking")).to_be_visible()
    world.pass_time(400)
    server.mode = "through"
    page.get_by_role("button", name="Check now").click()
    expect(page.locator("#pay-problem")).to_contain_text("Nothing was paid")
    expect(page.locator("#checking")).to_be_hidden()
    assert world.balance(shop) == 0
    balance(page, address, "¥1,000.00")


def test_pressing_pay_twice_pays_once(join: Join, address: str, world: World) -> None:
    page = join("Ana")
    join("Li")
    page.goto(address + "/send/li")
    people.press(page, "5")
    page.evaluate("document.getElementById('go').click(); document.getElementById('go').click()")
    expect(page.get_by_role("heading", name="Paid")).to_be_visible()
    balance(page, address, "¥995.00")


def test_a_press_before_the_scripts_have_come_is_kept_for_them(join: Join, address: str) -> None:
    page, slow = join("Ana"), list[Route]()
    page.route("**/static/me.js", lambda route: slow.append(route))
    with page.expect_request("**/static/me.js"):
        page.goto(address + "/me", wait_until="commit")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#leave-sheet")).to_be_hidden()
    slow[0].continue_()
    expect(page.locator("#leave-sheet")).to_be_visible()


def test_signing_out_and_in_again_keeps_the_money_and_makes_a_new_key(join: Join, address: str) -> None:
    page = join("Ana", pin="123456")
    join("Li")
    page.goto(address + "/security")
    old = page.locator(".mono").first.inner_text()
    page.goto(address + "/me")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("To come back you need your handle, ana")).to_be_visible()
    page.locator("#leave-yes").click()
    page.get_by_role("button", name="I have a wallet already").click()
    page.fill("#handle", "@Ana")
    page.fill("#old-pin", "000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#problem")).to_contain_text("do not go together")
    page.fill("#old-pin", "123456")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#amount")).to_have_text("¥1,000.00")
    page.goto(address + "/security")
    expect(page.get_by_text("On this phone", exact=True)).to_be_visible()
    assert page.locator(".mono").first.inner_text() != old
    page.goto(address + "/send/li")
    people.press(page, "5")
    paid(page)


def test_a_browser_that_lost_its_key_says_so_and_gets_a_new_one(join: Join, address: str) -> None:
    page = join("Ana")
    join("Li")
    page.evaluate("async () => { for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name); }")
    page.goto(address + "/send/li")
    people.press(page, "5")
    page.locator("#go").click()
    expect(page.locator("#pay-problem")).to_contain_text("lost its key")
    page.goto(address + "/security")
    expect(page.locator("#key-lost")).to_be_visible()
    page.get_by_role("button", name="Make a key on this phone").click()
    expect(page.locator("#key-lost")).to_be_hidden()
    page.goto(address + "/send/li")
    people.press(page, "5")
    paid(page)


def test_the_launchers_tickets_open_two_phones_in_one_browser(
    app: Flask, address: str, page_for: PageFor, world: World
) -> None:
    seed_people(world.store, config=app.config["SAOMA_CONFIG"], secret=SECRET)
    page, _ = page_for("ana", **PHONE)
    other = page.context.new_page()
    tickets = URLSafeTimedSerializer(SECRET, salt="saoma-join")
    for view, who in ((page, "ana"), (other, "li")):
        view.goto(f"{address}/w/{who}/join#ticket={tickets.dumps({'who': who, 'n': who})}")
        expect(view.locator("#recent")).to_be_visible()
        assert view.url == f"{address}/w/{who}/"
    page.goto(f"{address}/w/ana/send/li")
    people.press(page, "5")
    paid(page)
    expect(other.locator("#amount")).to_have_text("¥1,005.00")
    page.context.clear_cookies(name=re.compile("_ana$"))
    used = tickets.dumps({"who": "ana", "n": "ana"})
    page.goto("about:blank")
    page.goto(f"{address}/w/ana/join#ticket={used}")
    expect(page.locator("#problem")).to_contain_text("has been used")
    page.goto(f"{address}/w/li/join#ticket={used}")
    expect(page.locator("#recent")).to_be_visible()  # signed in already: the page goes home


def test_a_page_shown_by_another_site_gets_no_frame(join: Join, app: Flask, address: str, witness: Witness) -> None:
    page = join("Ana")
    page.set_content(f"<iframe src='{address}/'></iframe>")
    expect(page.frame_locator("iframe").locator("#amount")).to_have_count(0)
    witness.expect("frame-ancestors")


def test_a_payment_still_works_when_the_two_clocks_differ(join: Join, address: str, world: World, shop: Member) -> None:
    page = join("Ana")
    world.pass_time(3 * 86_400)
    page.goto(code_of(world.intent(shop, 1250), address))
    paid(page)
    assert world.balance(shop) == 1250
