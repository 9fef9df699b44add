"""Devices, freezing, limits, the PIN: what makes a wallet safer is one tap, what makes it less safe takes the PIN."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from shared.codes import payloads
from shared.codes.payloads import OrderKind
from shared.db.store import Store
from shared.identity import keys, parties
from shared.identity.signing import PrivateKey
from shared.payments import limits
from shared.web.visits import device_name
from tests.wallet.browser import Browser
from tests.wallet.conftest import Phone, good, refused
from tests.world import World

PIN = "123456"
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"


@pytest.fixture
def ana(join: Callable[..., Phone]) -> Phone:
    """Ana has a PIN."""
    return join("Ana", pin=PIN)


@pytest.fixture
def second(app: Flask, ana: Phone) -> Phone:
    """Another phone of Ana's, signed in by her PIN, with a key of its own."""
    client = app.test_client(use_cookies=False)
    browser = Browser(app)
    me = good(browser.post("/api/session", {"handle": ana.handle, "pin": PIN}))
    phone = replace(ana, client=client, key=PrivateKey.generate())
    body = {"card": card_of(phone, "Ana"), "confirmation": me["confirmation"]}
    good(browser.post("/api/keys", body))
    [token] = [cookie.value for cookie in browser.cookies() if cookie.key == "wallet_session"]
    return replace(phone, session=token)


def card_of(phone: Phone, name: str) -> str:
    now_s = phone.world.now() // 1000
    return phone.seal(payloads.ContactCard(phone.handle, now_s, name, phone.key.public_key.raw))


def confirmed(phone: Phone) -> str:
    return str(phone.post("/api/confirmations", {"pin": PIN})["confirmation"])


def pay(phone: Phone, payee: str, amount_minor: int = 500, **more: object) -> object:
    return phone.ask("POST", "/api/orders", {"order": phone.order(OrderKind.SEND, payee, amount_minor), **more})


def test_every_device_is_listed_with_what_its_browser_calls_itself(ana: Phone, second: Phone) -> None:
    second.client.get("/", headers={"Authorization": f"Bearer {second.session}", "User-Agent": ANDROID})

    here, other = ana.get("/api/devices")["devices"]

    assert (here["kid"], here["is_here"], here["custody"]) == (ana.key.public_key.kid_hex, True, "device")
    assert (other["kid"], other["is_here"], other["is_signed_in"]) == (second.key.public_key.kid_hex, False, True)
    assert (other["name"], other["address"]) == ("Chrome · Android", "127.0.0.1")


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (ANDROID, "Chrome · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1",
         "Safari · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0.0.0 Safari/537.36 Edg/126.0", "Edge · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox · Linux"),
        ("python-httpx/0.28.1", "python-httpx"),
        ("<script>", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_browser_is_named_in_two_words(agent: str, name: str) -> None:
    assert device_name(agent) == name


def test_a_device_that_is_given_up_is_out_at_once_and_signs_nothing_more(
    ana: Phone, second: Phone, li: Phone, wallet_store: Store
) -> None:
    order = second.order(OrderKind.SEND, "li", 500)
    stream = iter(second.ask("GET", "/events", buffered=False).response)
    next(stream)

    assert ana.post(f"/api/devices/{second.key.public_key.kid_hex}/revoke") == {}

    assert next(stream, None) is None
    detail = refused(second.ask("POST", "/api/orders", {"order": order}), "device_revoked", 401)["detail"]
    assert "Sign in again" in detail
    refused(ana.ask("POST", "/api/orders", {"order": order}), "revoked_key", 422)
    record = wallet_store.read(keys.find, kid=second.key.public_key.kid_hex)
    assert record is not None
    assert record.revoked_at is not None
    assert len(ana.get("/api/devices")["devices"]) == 1
    assert ana.post(f"/api/devices/{second.key.public_key.kid_hex}/revoke") == {}, "two tabs"
    assert pay(ana, "li").status_code == 200  # type: ignore[attr-defined]
    assert li.balance() == 100_500


def test_the_browser_of_a_device_that_was_given_up_is_told_so_and_knows_whose_it_was(app: Flask, ana: Phone) -> None:
    browser = Browser(app)
    me = good(browser.post("/api/session", {"handle": "ana", "pin": PIN}))
    ana.post(f"/api/devices/{me['kid']}/revoke")

    answer = browser.get("/me")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/welcome")
    page = browser.get("/welcome").get_data(as_text=True)
    assert "This phone was given up on another of your devices" in page
    assert 'value="ana"' in page


def test_somebody_elses_device_does_not_exist_and_the_own_one_is_not_given_up(ana: Phone, li: Phone) -> None:
    for kid in (li.key.public_key.kid_hex, "0" * 16, "x", "%00", "'"):
        assert ana.ask("POST", f"/api/devices/{kid}/revoke", {}).status_code == 404
    refused(ana.ask("POST", f"/api/devices/{ana.key.public_key.kid_hex}/revoke", {}), "own_device", 409)
    assert li.get("/api/me")["handle"] == "li"
    assert ana.get("/api/me")["handle"] == "ana"


def test_signing_out_everywhere_else_leaves_this_device_alone_in(ana: Phone, second: Phone) -> None:
    ana.post("/api/devices/others/revoke")

    refused(second.ask("GET", "/api/me"), "device_revoked", 401)
    [left] = ana.get("/api/devices")["devices"]
    assert left["is_here"]


def test_a_frozen_wallet_pays_nobody_and_is_paid_all_the_same(ana: Phone, li: Phone, world: World) -> None:
    shop = world.shop("tea")
    intent, held = world.intent(shop, 700), world.intent(shop, 900, capture_method="manual")
    before = ana.order(OrderKind.SEND, "li", 500)  # signed before, and on its way
    done = ana.post("/api/orders", {"order": (again := ana.order(OrderKind.SEND, "li", 100))})
    assert ana.post("/api/freeze") == {"is_frozen": True}

    assert "Lift the freeze" in refused(ana.ask("POST", "/api/orders", {"order": before}), "self_frozen", 403)["detail"]
    for kind, each in ((OrderKind.PAY, intent), (OrderKind.HOLD, held)):
        order = ana.order(kind, "tea", each.amount_minor, subject=bytes.fromhex(each.jti))
        refused(ana.ask("POST", "/api/orders", {"order": order}), "self_frozen", 403)
    assert ana.post("/api/orders", {"order": again}) == done | {"is_replay": True}, "what was paid before stays so"
    li.post("/api/orders", {"order": li.order(OrderKind.SEND, "ana", 900)})
    assert ana.balance() == 100_000 - 100 + 900
    assert "Your wallet is frozen" in ana.ask("GET", "/").get_data(as_text=True)


def test_a_hold_from_before_the_freeze_is_still_the_shops_to_take(ana: Phone, world: World) -> None:
    shop = world.shop("tea")
    intent = world.intent(shop, 900, capture_method="manual")
    ana.post("/api/orders", {"order": ana.order(OrderKind.HOLD, "tea", 900, subject=bytes.fromhex(intent.jti))})
    ana.post("/api/freeze")

    payer = world.store.read(parties.by_handle, handle="ana")
    by_shop = world.prepared(world.frame(shop, OrderKind.CAPTURE, "ana", 900, subject=bytes.fromhex(intent.jti),
                                         memo=intent.id))  # fmt: skip
    assert world.execute(by_shop).payer.id == payer.id
    assert world.balance(shop) == 900


def test_a_freeze_is_lifted_by_the_pin_alone_and_an_operators_freeze_by_nobody_here(
    ana: Phone, li: Phone, wallet_store: Store
) -> None:
    ana.post("/api/freeze")
    ana.post("/api/freeze")
    refused(ana.ask("POST", "/api/freeze/lift", {}), "pin_needed", 403)
    refused(ana.ask("POST", "/api/freeze/lift", {"confirmation": "guess"}), "pin_needed", 403)
    token = confirmed(ana)
    assert ana.post("/api/freeze/lift", {"confirmation": token}) == {"is_frozen": False}
    assert pay(ana, "li").status_code == 200  # type: ignore[attr-defined]
    refused(pay(ana, "li", 20_001, confirmation=token), "pin_required", 403)  # type: ignore[arg-type]

    wallet_store.run(parties.freeze, party_id=ana.user, is_frozen=True)
    ana.post("/api/freeze/lift", {"confirmation": confirmed(ana)})
    refused(pay(ana, "li"), "party_frozen", 403)  # type: ignore[arg-type]
    assert li.balance() == 100_500


def test_without_a_pin_the_freeze_can_be_lifted_by_whoever_holds_the_phone(li: Phone) -> None:
    li.post("/api/freeze")
    assert "You have no PIN" in li.ask("GET", "/security").get_data(as_text=True)
    assert li.post("/api/freeze/lift") == {"is_frozen": False}


def test_limits_are_lowered_at_once_and_raised_by_the_pin(ana: Phone, li: Phone) -> None:
    assert ana.get("/api/limits") == {"no_pin_minor": 20_000, "daily_minor": None, "spent_today_minor": 0}
    lower = {"no_pin_minor": 10_000, "daily_minor": 50_000}
    assert ana.post("/api/limits", lower)["daily_minor"] == 50_000

    for raised in (lower | {"no_pin_minor": 10_001}, lower | {"daily_minor": 50_001}, lower | {"daily_minor": None}):
        refused(ana.ask("POST", "/api/limits", raised), "pin_needed", 403)
    found = ana.post("/api/limits", lower | {"daily_minor": 60_000, "confirmation": confirmed(ana)})
    assert (found["no_pin_minor"], found["daily_minor"]) == (10_000, 60_000)

    refused(pay(ana, "li", 10_001), "pin_required", 403)  # type: ignore[arg-type]
    assert pay(ana, "li", 10_000).status_code == 200  # type: ignore[attr-defined]
    told = refused(pay(ana, "li", 50_001, confirmation=confirmed(ana)), "daily_limit_reached", 409)  # type: ignore[arg-type]
    assert "¥500.00" in told["detail"]
    assert ana.get("/api/limits")["spent_today_minor"] == 10_000
    assert "¥100.00 of ¥600.00" in ana.ask("GET", "/limits").get_data(as_text=True)


def test_the_operators_ceiling_is_shown_and_is_lifted_by_nobody_else(ana: Phone, li: Phone) -> None:
    ana.post("/api/limits", {"no_pin_minor": 10_000, "daily_minor": None, "confirmation": confirmed(ana)})
    ana.world.store.run(limits.set_ceiling, party_id=ana.user, ceiling_minor=5_000)
    assert "at most ¥50.00" in ana.ask("GET", "/limits").get_data(as_text=True)
    ana.post("/api/limits", {"no_pin_minor": 10_000, "daily_minor": 90_000, "confirmation": confirmed(ana)})
    refused(pay(ana, "li", 5_001), "daily_limit_reached", 409)  # type: ignore[arg-type]
    assert pay(ana, "li", 5_000).status_code == 200  # type: ignore[attr-defined]


def test_who_has_no_pin_sets_one_before_raising_a_limit(li: Phone) -> None:
    refused(li.ask("POST", "/api/limits", {"no_pin_minor": 20_001, "daily_minor": None}), "pin_not_set", 409)
    assert li.post("/api/limits", {"no_pin_minor": 0, "daily_minor": None})["no_pin_minor"] == 0


@pytest.mark.parametrize("daily_minor", [-1, 10**13])
def test_a_limit_that_cannot_be_is_refused(li: Phone, daily_minor: int) -> None:
    answer = li.ask("POST", "/api/limits", {"no_pin_minor": 100, "daily_minor": daily_minor})
    refused(answer, "bad_limit", 400)


def test_the_pin_is_changed_by_the_old_one_and_its_confirmations_go_with_it(ana: Phone) -> None:
    token = confirmed(ana)
    body = refused(ana.ask("POST", "/api/pin/change", {"old": "000000", "new": "654321"}), "wrong_pin", 403)
    assert body["x_tries_left"] == 4
    refused(ana.ask("POST", "/api/pin/change", {"old": PIN, "new": PIN}), "same_pin", 400)
    refused(ana.ask("POST", "/api/pin/change", {"old": PIN, "new": "12345"}), "bad_pin", 400)

    ana.post("/api/freeze")
    assert ana.post("/api/pin/change", {"old": PIN, "new": "654321"}) == {}

    refused(ana.ask("POST", "/api/freeze/lift", {"confirmation": token}), "pin_needed", 403)
    refused(ana.ask("POST", "/api/confirmations", {"pin": PIN}), "wrong_pin", 403)
    assert ana.post("/api/confirmations", {"pin": "654321"})["confirmation"]


def test_who_has_no_pin_changes_none(li: Phone) -> None:
    refused(li.ask("POST", "/api/pin/change", {"old": PIN, "new": "654321"}), "pin_not_set", 409)


def test_the_pages_of_safety_say_how_things_stand(ana: Phone, second: Phone) -> None:
    assert "2 can pay for you" in ana.ask("GET", "/security").get_data(as_text=True)
    assert 'id="others"' in ana.ask("GET", "/devices").get_data(as_text=True)
    ana.post("/api/devices/others/revoke")
    assert "Only this one" in ana.ask("GET", "/security").get_data(as_text=True)
    assert 'id="others"' not in ana.ask("GET", "/devices").get_data(as_text=True)
