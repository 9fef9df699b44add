"""Signing a browser in by a phone: the code names the request, the cookie comes in, the phone says yes, once."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from shared.codes import payloads
from shared.codes.render import qr_png
from shared.db import outbox
from shared.identity.signing import PrivateKey
from shared.web import visits
from tests.wallet.browser import Browser
from tests.wallet.conftest import Phone, good, refused
from wallet.logins import actions

PIN = "123456"


@pytest.fixture
def ana(join: Callable[..., Phone]) -> Phone:
    """Ana has a PIN."""
    return join("Ana", pin=PIN)


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser that nobody is signed in at."""
    return Browser(app)


def ask(browser: Browser) -> str:
    return str(good(browser.post("/api/logins", {}))["login"])


def state(browser: Browser) -> str:
    return str(good(browser.get("/api/logins/state"))["state"])


def yes(phone: Phone, login: str) -> None:
    token = phone.post("/api/confirmations", {"pin": PIN})["confirmation"]
    phone.post("/api/logins/approve", {"login": login, "confirmation": token})


def test_a_browser_comes_in_with_a_key_of_its_own(ana: Phone, browser: Browser) -> None:
    login = ask(browser)
    assert state(browser) == "waiting"
    asked = ana.post("/api/logins/look", {"login": login})
    assert (asked["address"], asked["is_same_network"]) == ("127.0.0.1", True)
    assert good(browser.get("/api/logins/state")) == {"state": "scanned", "display_name": "A***"}
    yes(ana, login)
    found = good(browser.get("/api/logins/state"))
    key = PrivateKey.generate()
    card = payloads.ContactCard(found["handle"], found["now_ms"] // 1000, found["display_name"], key.public_key.raw)

    me = good(browser.post("/api/logins/enter", {"card": replace(ana, key=key).seal(card)}))

    assert (me["handle"], me["kid"], me["custody"]) == ("ana", key.public_key.kid_hex, "device")
    assert good(browser.get("/api/me"))["balance_minor"] == 100_000
    assert len(ana.get("/api/devices")["devices"]) == 2
    told = [event for event in ana.world.store.read(outbox.events_after, seq=0) if event.name == "device.added"]
    assert [event.topics for event in told] == [(f"party:{ana.user}",)]
    assert ana.get("/api/me")["kid"] == ana.key.public_key.kid_hex, "the phone goes on"


def test_a_browser_that_can_keep_no_key_comes_in_with_one_held_here(ana: Phone, browser: Browser) -> None:
    yes(ana, ask(browser))
    assert good(browser.post("/api/logins/enter", {"card": None}))["custody"] == "server"


def test_a_known_card_is_no_proof_of_its_key(ana: Phone, browser: Browser) -> None:
    yes(ana, ask(browser))
    found = good(browser.get("/api/logins/state"))
    card = payloads.ContactCard(found["handle"], found["now_ms"] // 1000, found["display_name"], ana.key.public_key.raw)
    refused(browser.post("/api/logins/enter", {"card": ana.seal(card)}), "key_taken", 409)


def test_whoever_sends_a_code_does_not_learn_who_said_no(ana: Phone, browser: Browser) -> None:
    ana.post("/api/logins/refuse", {"login": ask(browser)})
    assert good(browser.get("/api/logins/state")) == {"state": "refused"}


def test_a_phone_that_is_given_up_lets_in_nobody_whom_it_approved(ana: Phone, app: Flask, browser: Browser) -> None:
    safe = Browser(app)
    yes(ana, ask(safe))
    good(safe.post("/api/logins/enter", {"card": None}))
    yes(ana, ask(browser))
    good(safe.post("/api/devices/others/revoke", {}))
    refused(browser.post("/api/logins/enter", {"card": None}), "login_not_approved", 409)


def test_whoever_only_knows_the_code_does_not_come_in(ana: Phone, app: Flask, browser: Browser) -> None:
    login, thief = ask(browser), Browser(app)
    yes(ana, login)

    assert state(thief) == "gone"
    refused(thief.post("/api/logins/enter", {"card": None}), "login_gone", 409)
    thief.client.set_cookie("wallet_login", login.rpartition("#")[2])
    refused(thief.post("/api/logins/enter", {"card": None}), "login_gone", 409)


def test_the_first_phone_that_scans_keeps_the_code(ana: Phone, li: Phone, browser: Browser) -> None:
    login = ask(browser)
    ana.post("/api/logins/look", {"login": login})

    refused(li.ask("POST", "/api/logins/look", {"login": login}), "login_taken", 409)
    refused(li.ask("POST", "/api/logins/approve", {"login": login}), "login_taken", 409)
    assert state(browser) == "scanned"


def test_yes_takes_the_pin_and_is_said_once(ana: Phone, browser: Browser) -> None:
    login = ask(browser)
    refused(ana.ask("POST", "/api/logins/approve", {"login": login}), "pin_needed", 403)
    refused(browser.post("/api/logins/enter", {"card": None}), "login_not_approved", 409)
    yes(ana, login)

    token = ana.post("/api/confirmations", {"pin": PIN})["confirmation"]
    refused(ana.ask("POST", "/api/logins/approve", {"login": login, "confirmation": token}), "login_answered", 409)
    good(browser.post("/api/logins/enter", {"card": None}))
    refused(ana.ask("POST", "/api/logins/refuse", {"login": login}), "login_answered", 409)


def test_a_browser_comes_in_once(ana: Phone, browser: Browser) -> None:
    yes(ana, ask(browser))
    [cookie] = [cookie.value for cookie in browser.cookies() if cookie.key == "wallet_login"]
    good(browser.post("/api/logins/enter", {"card": None}))
    browser.client.set_cookie("wallet_login", cookie)

    refused(browser.post("/api/logins/enter", {"card": None}), "login_gone", 409)


def test_no_means_no(ana: Phone, browser: Browser) -> None:
    login = ask(browser)
    ana.post("/api/logins/refuse", {"login": login})

    assert state(browser) == "refused"
    refused(browser.post("/api/logins/enter", {"card": None}), "login_not_approved", 409)
    refused(ana.ask("POST", "/api/logins/approve", {"login": login}), "login_answered", 409)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.168.1.5", "192.168.1.77", True),
        ("192.168.1.5", "192.168.2.5", False),
        ("127.0.0.1", "192.168.1.5", True),
        ("93.184.216.9", "93.184.216.9", True),
        ("93.184.216.9", "93.184.216.10", False),
        ("192.168.1.5", "93.184.216.10", False),
        ("fd00::1:2", "fd00::1:3", True),
        ("fd00::1", "192.168.1.5", False),
        ("unknown", "unknown", False),
    ],
)
def test_neighbours_are_told_from_strangers(one: str, other: str, is_same: bool) -> None:
    assert visits.is_same_network(one, other) is is_same
    assert visits.is_same_network(other, one) is is_same


def test_a_code_lives_two_minutes(ana: Phone, browser: Browser) -> None:
    scanned, approved = ask(browser), None
    ana.world.pass_time(121)
    refused(ana.ask("POST", "/api/logins/look", {"login": scanned}), "login_gone", 409)
    approved = ask(browser)
    yes(ana, approved)
    ana.world.pass_time(121)
    assert state(browser) == "gone"
    refused(browser.post("/api/logins/enter", {"card": None}), "login_gone", 409)


def test_another_text_is_no_sign_in(ana: Phone) -> None:
    code = "a" * 22
    assert actions.code_of_text(f"https://192.168.1.5:5443/w/ana/l#{code}") == code
    for text in (
        "",
        "x",
        "https://a/l#short",
        f"javascript:x/l#{code}",
        f"https://a/l?b=1#{code}",
        f"https://a/q#{code}",
    ):
        assert actions.code_of_text(text) is None
        refused(ana.ask("POST", "/api/logins/look", {"login": text}), "login_gone", 409)


def test_the_scanner_knows_a_sign_in_by_text_and_by_photo(ana: Phone, browser: Browser) -> None:
    login = ask(browser)
    assert ana.post("/api/scan", {"text": login}) == {"kind": "login", "text": login}
    headers = {"Authorization": f"Bearer {ana.session}"}
    photo = {"image": (io.BytesIO(qr_png(login)), "photo.png")}
    assert good(ana.client.post("/api/scan/image", data=photo, headers=headers))["kind"] == "login"
    assert state(browser) == "waiting", "scanning alone says nothing"


def test_one_address_has_so_many_codes_in_the_air(ana: Phone, browser: Browser) -> None:
    for _ in range(actions.MOST_WAITING):
        ask(browser)
    refused(browser.post("/api/logins", {}), "too_many_attempts", 429)
    ana.world.pass_time(121)
    assert ask(browser)


def test_the_cookie_of_a_request_is_no_scripts_business(browser: Browser) -> None:
    ask(browser)
    [cookie] = [cookie for cookie in browser.cookies() if cookie.key == "wallet_login"]
    assert cookie.http_only
    assert cookie.same_site == "Strict"
