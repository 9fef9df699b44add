"""Opening the till: by PIN, by a launcher's ticket; and everybody who stays outside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from merchant.app import create_app
from shared.db.store import Store
from shared.web import attempts
from tests.merchant.shop import Browser, Shop, open_shop, token_of
from tests.world import SECRET

PAGES = ["/", "/sales", "/sales/rows", "/static-code", "/sales/pi_x", "/checkout/pi_x"]


def wrong_pin(shop: Shop) -> str:
    return f"{(int(shop.told['pin']) + 1) % 10**6:06d}"


def ticket(who: str = "till", nonce: object = "once", secret: bytes = SECRET) -> str:
    return str(URLSafeTimedSerializer(secret, salt="saoma-join").dumps({"who": who, "n": nonce}))


def join(shop: Shop, text: str) -> tuple[Browser, TestResponse]:
    browser = shop.browser(is_signed_in=False)
    browser.token = token_of(browser.get("/join").text)
    return browser, browser.post("/api/join", {"ticket": text})


@pytest.mark.parametrize("path", PAGES)
def test_every_page_leads_a_stranger_to_the_sign_in_page(shop: Shop, path: str) -> None:
    answer = shop.browser(is_signed_in=False).get(path)
    assert (answer.status_code, answer.location) == (302, "/signin")


def test_every_door_of_the_scripts_is_closed_to_a_stranger(shop: Shop) -> None:
    stranger = shop.browser(is_signed_in=False)
    stranger.token = token_of(stranger.get("/signin").text)
    for answer in (stranger.charge(100), stranger.get("/api/sales/pi_x"), stranger.post("/api/sales/pi_x/cancel")):
        assert (answer.status_code, answer.json["code"]) == (401, "not_signed_in")
    assert stranger.get("/events").status_code == 401


def test_a_cashier_signs_in_and_sees_the_keypad(shop: Shop) -> None:
    page = shop.browser().get("/")
    assert page.status_code == 200
    assert "Corner Tea House" in page.text
    assert "May" in page.text


def test_capitals_and_stray_spaces_lock_nobody_out(shop: Shop) -> None:
    assert shop.browser(is_signed_in=False).sign_in(" Corner-Tea ", "  mAY ", shop.told["pin"]).status_code == 303


def test_whoever_is_signed_in_needs_no_form(browser: Browser) -> None:
    answer = browser.get("/signin")
    assert (answer.status_code, answer.location) == (302, "/")


def test_signing_out_closes_the_till(shop: Shop, browser: Browser) -> None:
    cookie = browser.client.get_cookie("merchant_session")
    assert browser.client.post("/signout", data={"csrf_token": browser.token}).location == "/signin"
    assert browser.get("/").location == "/signin"
    assert cookie is not None
    browser.client.set_cookie("merchant_session", cookie.value)
    assert browser.get("/").location == "/signin", "the token itself is worthless, not only forgotten"


@pytest.mark.parametrize(
    ("handle", "name"), [("corner-tea", "May"), ("corner-tea", "June"), ("elsewhere", "May"), ("", ""), ("\0", "\0")]
)
def test_a_wrong_pin_an_unknown_name_and_an_unknown_shop_sound_the_same(shop: Shop, handle: str, name: str) -> None:
    answer = shop.browser(is_signed_in=False).sign_in(handle, name, wrong_pin(shop))
    assert answer.status_code == 401
    assert "do not belong together" in answer.text
    assert "Tries left: 4" in answer.text


def test_the_fifth_wrong_pin_says_to_wait_and_then_even_the_right_one_must(shop: Shop) -> None:
    browser = shop.browser(is_signed_in=False)
    answers = [browser.sign_in("corner-tea", "May", wrong_pin(shop)) for _ in range(attempts.FREE_TRIES)]
    assert [answer.status_code for answer in answers] == [401] * 5
    assert "last try" in answers[-1].text
    blocked = browser.sign_in("corner-tea", "May", shop.told["pin"])
    assert blocked.status_code == 429
    assert int(blocked.headers["Retry-After"]) == 30
    shop.world.pass_time(31)
    assert browser.sign_in("corner-tea", "May", shop.told["pin"]).status_code == 303


def test_the_wait_outlasts_a_restart(shop: Shop, tmp_path: Path, open_store: Callable[[str], Store]) -> None:
    browser = shop.browser(is_signed_in=False)
    for _ in range(attempts.FREE_TRIES):
        browser.sign_in("corner-tea", "May", wrong_pin(shop))
    again = Browser(create_app(shop.config, open_store(f"sqlite:///{tmp_path}/saoma.db")).test_client())
    assert again.sign_in("corner-tea", "May", shop.told["pin"]).status_code == 429


def test_a_right_pin_clears_the_count(shop: Shop) -> None:
    browser = shop.browser(is_signed_in=False)
    for _ in range(attempts.FREE_TRIES - 1):
        browser.sign_in("corner-tea", "May", wrong_pin(shop))
    assert browser.sign_in("corner-tea", "May", shop.told["pin"]).status_code == 303
    stranger = shop.browser(is_signed_in=False)
    assert "Tries left: 4" in stranger.sign_in("corner-tea", "May", wrong_pin(shop)).text


def test_one_address_cannot_go_through_all_names(shop: Shop) -> None:
    browser = shop.browser(is_signed_in=False)
    scope = attempts.address_scope("merchant", "127.0.0.1")
    for number in range(attempts.ADDRESS_TRIES):
        account = attempts.account_scope("merchant", f"corner-tea/nobody-{number}")
        shop.store.run(attempts.count, account=account, address=scope)
    assert browser.sign_in("corner-tea", "May", shop.told["pin"]).status_code == 429


def test_a_form_without_the_pages_token_is_refused(shop: Shop) -> None:
    client = shop.app.test_client()
    client.get("/signin")
    form = {"shop": "corner-tea", "cashier": "May", "pin": shop.told["pin"]}
    assert client.post("/signin", data=form).status_code == 403
    assert client.get("/").location == "/signin"


@pytest.mark.parametrize("path", ["/api/sales", "/api/sales/pi_x/cancel", "/api/sales/pi_x/again", "/signout"])
def test_a_signed_in_browser_is_not_moved_by_another_site(browser: Browser, path: str) -> None:
    answer = browser.client.post(path, json={"goods": {}, "typed_minor": 100, "reference": ""})
    assert answer.status_code == 403
    assert browser.get("/").status_code == 200


def test_a_launchers_ticket_opens_the_till_once(shop: Shop) -> None:
    text = ticket()
    browser, answer = join(shop, text)
    assert (answer.status_code, answer.json) == (200, {})
    assert browser.get("/").status_code == 200
    _, second = join(shop, text)
    assert (second.status_code, second.json["code"]) == (403, "bad_ticket")


@pytest.mark.parametrize(
    "text",
    [
        "", "nonsense", ticket(who="ana"), ticket(nonce=7), ticket(nonce=""), ticket(secret=b"another, long enough"),
        str(URLSafeTimedSerializer(SECRET, salt="saoma-join").dumps(["till", "n"])),
        str(URLSafeTimedSerializer(SECRET, salt="another").dumps({"who": "till", "n": "n"})),
    ],
    ids=["empty", "nonsense", "a person's", "a number", "without a number", "another secret", "a list", "another salt"],
)  # fmt: skip
def test_other_tickets_open_nothing(shop: Shop, text: str) -> None:
    browser, answer = join(shop, text)
    assert (answer.status_code, answer.json["code"]) == (403, "bad_ticket")
    assert browser.get("/").location == "/signin"


def test_without_the_demo_there_are_no_tickets_and_no_prefilled_names(shop: Shop) -> None:
    shop = open_shop(shop.store, shop.config.data_dir, SAOMA_DEMO="")
    _, answer = join(shop, ticket())
    assert answer.status_code == 404
    assert 'corner-tea"' not in shop.browser(is_signed_in=False).get("/signin").text


def test_a_cashier_who_is_gone_is_signed_out(shop: Shop, browser: Browser) -> None:
    shop.store.run(lambda uow: uow.sql.run("UPDATE staff_member SET removed_at = 1"))
    assert browser.get("/").status_code == 401
