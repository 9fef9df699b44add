"""The ten cases that every acquirer of QR payments certifies, played by phones at the demo shop's till.

Each test is one case, and what this house does in it. Money is counted at the end of every one of them.
"""

from __future__ import annotations

import pytest

from merchant import standing
from merchant.checkout import actions
from merchant.shifts import actions as shifts
from merchant.staff import members
from merchant.standing import At
from merchant.terminals import actions as terminals
from shared.codes import frame as frames
from shared.codes import payloads, seal
from shared.codes.payloads import OrderKind
from shared.codes.refusals import CodeExpired, RevokedKey, UnknownKey
from shared.identity.signing import PrivateKey
from shared.money import MAX_MINOR
from shared.payments import audit, intents
from shared.payments.intents import PaymentIntent, UnknownIntent
from shared.payments.on_intents import AmountMismatch
from shared.payments.states import IntentAlreadyPaid, IntentCanceled
from shared.web.sessions import Session
from tests.merchant.shop import Browser, Shop
from tests.world import Member
from wallet.scan import opened
from wallet.scan.opened import Scanned

FULL = 100_000
"""What everybody begins with."""


@pytest.fixture(autouse=True)
def every_order_is_where_it_belongs(shop: Shop):  # type: ignore[no-untyped-def]
    """Whatever the case was, the audit agrees with how it ended."""
    yield
    assert shop.store.read(audit.run).faults == []


@pytest.fixture
def li(shop: Shop) -> Member:
    """Another customer."""
    return shop.world.person("li")


def seen(shop: Shop, who: Member, code: str) -> Scanned:
    """A phone scans a code: what it shows, and the shop is told that its request was scanned."""
    found = shop.store.read(opened.scanned, text=code, viewer_id=who.id)
    if found.intent and found.is_open:
        shop.scanned_by(who, found.intent)
    return found


def told(browser: Browser, id: str) -> str:
    """What the till says of a sale."""
    page = browser.get(f"/checkout/{id}").text
    return page.partition('id="checkout" data-state="')[2].partition('"')[0]


def on_display(browser: Browser) -> str:
    """What the customer's display says."""
    return browser.get("/display/now").text.partition('data-state="')[2].partition('"')[0]


def paid_minor(shop: Shop) -> int:
    """What all sales have brought in."""
    found = shop.store.read(intents.list_of_shop, shop_id=shop.party.id)
    return sum(intent.captured_minor for intent in found)


def test_1_a_scan_before_the_sale_is_ready_reserves_nothing_and_the_sale_is_paid_when_it_is(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    drafted = actions.drafted(shop.store, shop.app.extensions["saoma_signers"], shop=shop.party,
                              unit=shop.config.currency, amount_minor=1250)  # fmt: skip
    code = frames.code_text(shop.config.wallet_url, drafted.code)
    with pytest.raises(UnknownIntent):
        seen(shop, ana, code)
    assert on_display(browser) == "idle"

    shop.store.run(actions.charge, intent=drafted)
    assert seen(shop, ana, code).amount_minor == 1250
    shop.paid_by(ana, drafted.id)
    assert (told(browser, drafted.id), paid_minor(shop)) == ("paid", 1250)


def test_1_whoever_scans_the_printed_code_before_the_sale_pays_there_and_the_till_says_so(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    printed = shop.program().ask("GET", "/static_code").json["code"]
    assert (seen(shop, ana, printed).amount_minor, seen(shop, ana, printed).intent) == (None, None)
    sale = browser.charge(1250).json["id"]
    world = shop.world
    done = world.execute(world.prepared(world.frame(ana, OrderKind.PAY, "corner-tea", 1250)))

    assert done.intent is not None
    assert browser.get(f"/api/sales/{done.intent.id}").json["code"] is None, "by this the checkout knows where it came"
    assert "A***" in browser.get("/sound-box").text
    assert (told(browser, sale), paid_minor(shop)) == ("waiting", 1250), "the cashier decides whether it was meant"
    browser.post(f"/api/sales/{sale}/cancel")
    with pytest.raises(IntentCanceled):
        shop.paid_by(ana, sale)
    assert world.balance(ana) == FULL - 1250


def test_2_a_scan_during_the_sale_is_told_to_the_till_and_to_the_customer(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    sale = browser.charge(1250).json
    assert (told(browser, sale["id"]), on_display(browser)) == ("waiting", "waiting")
    found = seen(shop, ana, sale["code"])
    assert (found.amount_minor, found.payee.display_name, found.verified) == (1250, "Corner Tea House", True)
    assert (told(browser, sale["id"]), on_display(browser)) == ("scanned", "scanned")
    assert browser.get(f"/api/sales/{sale['id']}").json["scanned_by"] == "A***"
    shop.paid_by(ana, sale["id"])
    assert (told(browser, sale["id"]), on_display(browser)) == ("paid", "paid")
    shop.world.pass_time(9)
    assert on_display(browser) == "idle"


def test_3_the_code_of_an_unknown_till_is_refused_before_anything_is_shown(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    request = payloads.PaymentRequest(
        handle="corner-tea", amount_minor=1250, currency=156, issued_at_s=shop.world.now() // 1000, ttl_s=300,
        jti=b"8" * 8,
    )  # fmt: skip
    forged = seal.seal(request, PrivateKey.generate(), shop.world.realm)
    with pytest.raises(UnknownKey):
        seen(shop, ana, frames.code_text(shop.config.wallet_url, forged))
    assert shop.world.balance(ana) == FULL


def test_3_a_revoked_tills_code_opens_on_no_phone_and_nobody_pays_it_any_more(
    shop: Shop, browser: Browser, ana: Member, li: Member
) -> None:
    sale = browser.charge(1250).json
    seen(shop, ana, sale["code"])
    at = at_the_till(shop)
    shop.store.run(terminals.revoke, at=at, terminal_id=at.terminal.id)
    with pytest.raises(RevokedKey):
        seen(shop, li, sale["code"])
    with pytest.raises(IntentCanceled):
        shop.paid_by(ana, sale["id"])
    assert (told(browser, sale["id"]), paid_minor(shop)) == ("canceled", 0)
    assert browser.charge(700).json["code"] == "terminal_revoked"


def test_4_several_phones_may_scan_and_one_pays(shop: Shop, browser: Browser, ana: Member, li: Member) -> None:
    sale = browser.charge(1250).json
    for who in (ana, li):
        assert seen(shop, who, sale["code"]).is_open
    assert browser.get(f"/api/sales/{sale['id']}").json["scans"] == 2
    shop.paid_by(li, sale["id"])
    with pytest.raises(IntentAlreadyPaid):
        shop.paid_by(ana, sale["id"])
    assert (shop.world.balance(ana), shop.world.balance(li), paid_minor(shop)) == (FULL, FULL - 1250, 1250)


def test_5_who_has_paid_and_scans_again_is_shown_the_payment_and_pays_nothing(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    sale = browser.charge(1250).json
    seen(shop, ana, sale["code"])
    first = shop.paid_by(ana, sale["id"])
    again = seen(shop, ana, sale["code"])
    assert (again.is_open, again.state, again.transfer) == (False, "captured", first.transfer.id)
    with pytest.raises(IntentAlreadyPaid):
        shop.paid_by(ana, sale["id"])
    shop.world.pass_time(3600)
    assert seen(shop, ana, sale["code"]).transfer == first.transfer.id, "also when the code is long over"
    assert shop.world.balance(ana) == FULL - 1250


def test_6_a_sale_that_was_broken_off_and_paid_otherwise_is_not_paid_by_its_old_code(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    old = browser.charge(1250).json
    seen(shop, ana, old["code"])
    assert browser.post(f"/api/sales/{old['id']}/cancel").json["status"] == "canceled"
    assert on_display(browser) == "canceled"
    new = browser.charge(1250).json
    code = frames.code_text(shop.config.wallet_url, shop.world.payer_code(ana))
    shop.world.limit(ana, 20_000)
    assert browser.post(f"/api/sales/{new['id']}/present", {"code": code}).json["status"] == "captured"

    assert seen(shop, ana, old["code"]).state == "canceled"
    with pytest.raises(IntentCanceled):
        shop.paid_by(ana, old["id"])
    assert shop.world.balance(ana) == FULL - 1250


def test_7_two_open_sales_are_paid_each_by_its_own_code(shop: Shop, browser: Browser, ana: Member, li: Member) -> None:
    one, other = browser.charge(1250).json, browser.charge(700).json
    shop.paid_by(li, other["id"])
    assert (told(browser, one["id"]), told(browser, other["id"])) == ("waiting", "paid")
    shop.paid_by(ana, one["id"])
    assert (shop.world.balance(ana), shop.world.balance(li)) == (FULL - 1250, FULL - 700)
    assert browser.get(f"/api/sales/{one['id']}").json["payer"] == "A***"


def test_8_a_code_that_ran_out_is_late_for_a_minute_and_expired_then(shop: Shop, browser: Browser, ana: Member) -> None:
    on_its_way, never = browser.charge(1250).json, browser.charge(700).json
    seen(shop, ana, on_its_way["code"])
    shop.world.pass_time(intents.USUAL_TTL_S + 30)
    assert told(browser, on_its_way["id"]) == "late", "never `failed` before the payer's own time is up"
    shop.paid_by(ana, on_its_way["id"])
    assert browser.get(f"/api/sales/{on_its_way['id']}").json["is_paid_late"] is True
    assert "within the minute that counts" in browser.get(f"/checkout/{on_its_way['id']}").text

    shop.world.pass_time(32)
    assert told(browser, never["id"]) == "expired"
    with pytest.raises(CodeExpired):
        seen(shop, ana, never["code"])
    with pytest.raises(CodeExpired):
        shop.paid_by(ana, never["id"])
    assert (shop.world.balance(ana), paid_minor(shop)) == (FULL - 1250, 1250)


@pytest.mark.parametrize("typed_minor", [1249, 1251, 1, MAX_MINOR])
def test_9_an_amount_never_changes_after_the_scan_and_no_other_one_is_taken(
    shop: Shop, browser: Browser, ana: Member, typed_minor: int
) -> None:
    old = browser.charge(1250).json
    seen(shop, ana, old["code"])
    browser.post(f"/api/sales/{old['id']}/cancel")  # the cashier changes the cart: another sale, another code
    new = browser.charge(1500).json
    with pytest.raises(IntentCanceled):
        shop.paid_by(ana, old["id"])
    with pytest.raises(AmountMismatch):
        pays(shop, ana, shop.intent(new["id"]), typed_minor)
    assert shop.world.balance(ana) == FULL
    shop.paid_by(ana, new["id"])
    assert (shop.world.balance(ana), paid_minor(shop)) == (FULL - 1500, 1500)


def pays(shop: Shop, who: Member, intent: PaymentIntent, amount_minor: int) -> None:
    """A phone that was tampered with pays another amount than the shop asked for."""
    world, subject = shop.world, bytes.fromhex(intent.jti)
    world.execute(world.prepared(world.frame(who, OrderKind.PAY, "corner-tea", amount_minor, subject=subject)))


def test_10_a_till_whose_shift_is_closed_charges_nothing_and_tells_how_its_open_sales_end(
    shop: Shop, browser: Browser, ana: Member, li: Member
) -> None:
    waiting, other = browser.charge(1250).json, browser.charge(700).json
    at = at_the_till(shop)
    assert at.shift is not None
    shop.store.run(shifts.close, at=at, shift_id=at.shift.id, counted_minor=0)

    shop.world.limit(li, 20_000)
    code = frames.code_text(shop.config.wallet_url, shop.world.payer_code(li))
    assert browser.post(f"/api/sales/{other['id']}/present", {"code": code}).json["code"] == "shift_closed"
    assert browser.charge(300).json["code"] == "shift_closed"
    shop.paid_by(ana, waiting["id"])  # its phone had scanned: what was asked for may be paid
    assert told(browser, waiting["id"]) == "paid"
    assert browser.post(f"/api/sales/{other['id']}/cancel").json["status"] == "canceled"

    shop.store.run(shifts.begin, shop_id=at.shop.id, terminal_id=at.terminal.id, member_id=at.member.id, float_minor=0)
    assert browser.charge(300).status_code == 201
    assert (shop.world.balance(ana), shop.world.balance(li), paid_minor(shop)) == (FULL - 1250, FULL, 1250)


def at_the_till(shop: Shop) -> At:
    """Who stands at the demo shop's till."""
    [boss, *_] = shop.store.read(members.of_shop, shop_id=shop.party.id)
    return shop.store.read(standing.find, session=Session("", shop.party.id, boss.id), token="")
