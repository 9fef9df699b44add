"""Joining: a name, perhaps a PIN, a key; coming back by PIN, by ticket, or with a new key."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from shared.codes import frame as frames
from shared.codes import payloads, refusals
from shared.codes.payloads import OrderKind
from shared.config import Config
from shared.db.store import Store
from shared.identity import keys
from shared.identity.signing import PrivateKey
from shared.payments import orders
from shared.web.secrets import load_secret
from tests.wallet.browser import Browser
from tests.wallet.conftest import Phone, good, refused
from tests.world import World
from wallet.app import create_app
from wallet.pay.actions import pay
from wallet.seed import seed_people

STRANGER = {"Authorization": "Bearer none"}


@pytest.fixture
def ticket(config: Config) -> Callable[..., str]:
    """`ticket("ana")`: what the launcher writes into a frame's address."""

    def write(who: object, number: object = "n1", **options: Any) -> str:
        serializer = URLSafeTimedSerializer(load_secret(config), salt="saoma-join", **options)
        return str(serializer.dumps({"who": who, "n": number}))

    return write


@pytest.fixture
def seeded(app: Flask, config: Config, wallet_store: Store) -> None:
    seed_people(wallet_store, config=config, secret=load_secret(config))


def test_a_new_person_has_a_handle_an_account_and_welcome_money(ana: Phone) -> None:
    me = ana.get("/api/me")

    assert (me["handle"], me["display_name"], me["user"]) == ("ana", "Ana", ana.user)
    assert (me["kid"], me["custody"]) == (ana.key.public_key.kid_hex, "device")
    assert (me["balance_minor"], me["currency"], me["no_pin_limit_minor"]) == (100_000, "CNY", 20_000)
    assert me["has_pin"] is False
    assert me["realm"] == ana.realm
    assert ana.get("/api/balance") == {"balance_minor": 100_000, "held_minor": 0, "currency": "CNY"}


def test_a_taken_name_gets_another_handle_and_a_name_without_letters_gets_one_too(join: Callable[..., Phone]) -> None:
    first, second, chinese = join("Ana"), join("Ana"), join("小波")

    assert first.handle == "ana"
    assert second.handle.startswith("ana-")
    assert chinese.handle.startswith("user-")
    assert chinese.get("/api/me")["display_name"] == "小波"


def test_without_a_card_the_server_holds_the_key(app: Flask) -> None:
    client = app.test_client(use_cookies=False)
    body = {"display_name": "Bo", "handle": "bo", "pin": None, "card": None, "bearer": True}

    made = good(client.post("/api/users", json=body, headers=STRANGER))

    assert made["custody"] == "server"
    headers = {"Authorization": f"Bearer {made['session']}"}
    assert good(client.get("/api/me", headers=headers))["kid"] == made["kid"]


def test_a_browser_gets_its_session_as_a_cookie_alone(app: Flask) -> None:
    browser = Browser(app)

    made = good(browser.post("/api/users", {"display_name": "Bo", "handle": "bo"}))

    assert "session" not in made
    assert good(browser.get("/api/me"))["handle"] == "bo"
    [cookie] = [cookie for cookie in browser.cookies() if cookie.key == "wallet_session"]
    assert cookie.http_only
    assert cookie.same_site == "Lax"


def test_a_page_of_another_site_cannot_use_the_cookie(app: Flask) -> None:
    browser = Browser(app)
    good(browser.post("/api/users", {"display_name": "Bo", "handle": "bo"}))

    refused(browser.client.post("/api/session/end", json={}), "forged_request", 403)
    refused(
        browser.client.post("/api/pin", json={"pin": "123456"}, headers={"X-CSRF-Token": "guess"}),
        "forged_request",
        403,
    )
    assert good(browser.get("/api/me"))["has_pin"] is False


def test_two_phones_of_one_browser_keep_apart(app: Flask) -> None:
    browser = Browser(app)
    good(browser.post("/w/ana/api/users", {"display_name": "Ana", "handle": "ana"}, base="/w/ana"))
    good(browser.post("/w/li/api/users", {"display_name": "Li", "handle": "li"}, base="/w/li"))

    assert good(browser.get("/w/ana/api/me"))["handle"] == "ana"
    assert good(browser.get("/w/li/api/me"))["handle"] == "li"
    refused(browser.get("/api/me"), "not_signed_in", 401)


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ({"handle": "ana"}, "handle_taken", 409),
        ({"handle": "test-pays"}, "handle_taken", 409),
        ({"handle": "Bo"}, "bad_handle", 400),
        ({"handle": "-bo"}, "bad_handle", 400),
        ({"handle": ""}, "bad_handle", 400),
        ({"display_name": ""}, "bad_name", 400),
        ({"display_name": "A\u0430"}, "bad_name", 400),
        ({"display_name": "A\u202eB"}, "bad_name", 400),
        ({"display_name": "x" * 41}, "bad_name", 400),
        ({"pin": "12345"}, "bad_pin", 400),
        ({"pin": "12345a"}, "bad_pin", 400),
        ({"pin": "١٢٣٤٥٦"}, "bad_pin", 400),
        ({"pin": ""}, "bad_pin", 400),
        ({"card": "hello"}, "not_a_code", 422),
        ({"pin": 123456}, "bad_input", 400),
    ],
)
def test_what_cannot_be_joined_with(app: Flask, ana: Phone, change: dict[str, object], code: str, status: int) -> None:
    body = {"display_name": "Bo", "handle": "bo", "pin": None, "card": None} | change

    refused(app.test_client().post("/api/users", json=body, headers=STRANGER), code, status)


def test_a_card_that_names_somebody_else_is_refused_and_so_is_a_key_in_use(app: Flask, ana: Phone) -> None:
    client = app.test_client()
    key = PrivateKey.generate()
    card = payloads.ContactCard("mia", ana.world.now() // 1000, "Mia", key.public_key.raw)
    text = replace(ana, key=key).seal(card)
    body = {"display_name": "Bo", "handle": "bo", "pin": None, "card": text}

    refused(client.post("/api/users", json=body, headers=STRANGER), "card_mismatch", 400)
    again = {"display_name": "Ana", "handle": "ana-2", "pin": None, "card": ana.card()}
    refused(client.post("/api/users", json=again, headers=STRANGER), "card_mismatch", 400)
    mine = replace(ana, key=ana.key).seal(
        payloads.ContactCard("ana", ana.world.now() // 1000, "Ana", ana.key.public_key.raw)
    )
    taken = {"display_name": "Ana", "handle": "ana", "pin": None, "card": mine}
    refused(client.post("/api/users", json=taken, headers=STRANGER), "handle_taken", 409)


def test_nothing_is_left_of_a_refused_sign_up(app: Flask, ana: Phone, world: World) -> None:
    other = payloads.ContactCard("bo", world.now() // 1000, "Bo", ana.key.public_key.raw)
    body = {"display_name": "Bo", "handle": "bo", "pin": None, "card": ana.seal(other)}

    answer = app.test_client().post("/api/users", json=body, headers=STRANGER)

    assert answer.status_code in (409, 422)
    assert good(app.test_client().post("/api/handles", json={"display_name": "Bo"}, headers=STRANGER))["handle"] == "bo"


def test_an_ended_session_opens_nothing(ana: Phone) -> None:
    assert ana.post("/api/session/end") == {}

    refused(ana.ask("GET", "/api/me"), "device_revoked", 401)  # a token that was kept, of a key that is no more
    refused(ana.ask("POST", "/api/scan", {"text": "x"}), "device_revoked", 401)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/me"), ("POST", "/api/pin"), ("POST", "/api/confirmations"), ("POST", "/api/session/end"),
        ("POST", "/api/keys"), ("POST", "/api/scan"), ("POST", "/api/scan/image"), ("POST", "/api/orders"),
        ("POST", "/api/requests"), ("GET", "/api/balance"), ("GET", "/api/statement"), ("GET", "/api/receipts/trf_x"),
        ("GET", "/api/contacts"), ("POST", "/api/contacts"), ("POST", "/api/contacts/ana/accept"),
        ("PATCH", "/api/contacts/ana"), ("DELETE", "/api/contacts/ana"), ("GET", "/events"), ("POST", "/q/view"),
        ("GET", "/api/contacts/ana/safety"), ("POST", "/api/contacts/ana/checked"), ("POST", "/api/pin/change"),
        ("GET", "/api/devices"), ("POST", "/api/devices/x/revoke"), ("POST", "/api/devices/others/revoke"),
        ("POST", "/api/freeze"), ("POST", "/api/freeze/lift"), ("GET", "/api/limits"), ("POST", "/api/limits"),
        ("POST", "/api/logins/look"), ("POST", "/api/logins/approve"), ("POST", "/api/logins/refuse"),
    ],
)  # fmt: skip
def test_every_door_wants_a_session(app: Flask, method: str, path: str) -> None:
    answer = app.test_client().open(path, method=method, json={}, headers=STRANGER | {"Accept": "application/json"})

    refused(answer, "not_signed_in", 401)


def test_a_ticket_lets_a_seeded_person_in_once_with_a_key_of_their_own(
    app: Flask, seeded: None, ticket: Callable[..., str]
) -> None:
    text, client = ticket("ana"), app.test_client()
    person = good(client.post("/api/tickets", json={"ticket": text}, headers=STRANGER))
    key = PrivateKey.generate()
    card = payloads.ContactCard(person["handle"], person["now_ms"] // 1000, person["display_name"], key.public_key.raw)
    sealed = Phone(client, "", "ana", "", key, person["realm"], None).seal(card)  # type: ignore[arg-type]

    joined = good(client.post("/api/join", json={"ticket": text, "card": sealed}, headers=STRANGER))

    assert (joined["handle"], joined["kid"], joined["custody"]) == ("ana", key.public_key.kid_hex, "device")
    assert good(client.get("/api/me"))["handle"] == "ana"
    refused(client.post("/api/join", json={"ticket": text, "card": sealed}, headers=STRANGER), "bad_ticket", 403)
    again = good(client.post("/api/join", json={"ticket": ticket("ana", "n2"), "card": sealed}, headers=STRANGER))
    assert again["kid"] == key.public_key.kid_hex


def test_a_ticket_without_a_card_gives_a_key_that_the_server_holds(
    app: Flask, seeded: None, ticket: Callable[..., str]
) -> None:
    joined = good(app.test_client().post("/api/join", json={"ticket": ticket("li")}, headers=STRANGER))

    assert (joined["handle"], joined["custody"]) == ("li", "server")


def test_a_ticket_that_is_not_the_launchers_lets_nobody_in(
    app: Flask, seeded: None, ticket: Callable[..., str]
) -> None:
    class Clock(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(time.time()) - 301

    client = app.test_client()
    forged = URLSafeTimedSerializer(b"another", salt="saoma-join").dumps({"who": "ana", "n": "1"})
    bad = [
        ticket("till"), ticket("saoma"), ticket(["ana"]), ticket("ana", 7), ticket("ana", signer=Clock),
        ticket("ana")[:-2] + "AA", forged, "x.y.z", "",
    ]  # fmt: skip
    for text in bad:
        refused(client.post("/api/join", json={"ticket": text, "card": None}, headers=STRANGER), "bad_ticket", 403)


def test_outside_the_demo_there_are_no_tickets(
    config: Config, wallet_store: Store, seeded: None, ticket: Callable[..., str]
) -> None:
    client = create_app(replace(config, is_demo=False), wallet_store).test_client()

    refused(client.post("/api/join", json={"ticket": ticket("ana")}, headers=STRANGER), "not_found", 404)
    assert client.get("/join").status_code == 404


def test_seeding_twice_makes_nobody_twice(seeded: None, config: Config, wallet_store: Store, world: World) -> None:
    seed_people(wallet_store, config=config, secret=load_secret(config))

    rows = wallet_store.read(lambda reader: reader.sql.rows("SELECT handle FROM identity_party WHERE kind = 'user'"))
    assert sorted(rows) == [("ana",), ("li",)]


def test_somebody_who_lost_the_phone_signs_in_by_pin_and_brings_a_new_key(
    app: Flask, join: Callable[..., Phone]
) -> None:
    ana = join("Ana", pin="123456")
    browser = Browser(app)

    me = good(browser.post("/api/session", {"handle": "ana", "pin": "123456"}))

    assert (me["handle"], me["balance_minor"], me["custody"]) == ("ana", 100_000, "server")
    key = PrivateKey.generate()
    card = payloads.ContactCard("ana", me["now_ms"] // 1000, "Ana", key.public_key.raw)
    body = {"card": replace(ana, key=key).seal(card), "confirmation": me["confirmation"]}
    refused(browser.post("/api/keys", body | {"confirmation": None}), "pin_needed", 403)
    changed = good(browser.post("/api/keys", body))
    assert (changed["kid"], changed["custody"]) == (key.public_key.kid_hex, "device")
    assert good(browser.get("/api/me"))["kid"] == key.public_key.kid_hex
    assert ana.get("/api/me")["handle"] == "ana", "the other phone goes on"


def test_signing_in_tells_nobody_which_half_was_wrong_and_blocks_no_payment(
    app: Flask, join: Callable[..., Phone]
) -> None:
    ana, _ = join("Ana", pin="123456"), join("Li")
    browser = Browser(app)

    for handle in ("nobody", "li", "saoma"):
        refused(browser.post("/api/session", {"handle": handle, "pin": "123456"}), "sign_in_refused", 403)
    for _ in range(5):
        refused(browser.post("/api/session", {"handle": "ana", "pin": "000000"}), "sign_in_refused", 403)
    body = refused(browser.post("/api/session", {"handle": "ana", "pin": "123456"}), "too_many_attempts", 429)
    assert body["x_retry_after_s"] > 0
    assert ana.post("/api/confirmations", {"pin": "123456"})["confirmation"]


def test_a_key_that_was_replaced_signs_nothing_more(ana: Phone, li: Phone, wallet_store: Store) -> None:
    order = ana.order(OrderKind.SEND, li.handle, 100)
    key = PrivateKey.generate()
    card = payloads.ContactCard("ana", ana.world.now() // 1000, "Ana", key.public_key.raw)

    made = ana.post("/api/keys", {"card": replace(ana, key=key).seal(card)})

    assert made["kid"] == key.public_key.kid_hex
    refused(ana.ask("GET", "/api/me"), "device_revoked", 401)
    old = wallet_store.read(keys.find, kid=ana.key.public_key.kid_hex)
    assert old is not None
    assert old.revoked_at is not None
    prepared = wallet_store.read(orders.prepare, frame=frames.frame_of_text(order))
    with pytest.raises(refusals.RevokedKey):
        wallet_store.run(pay, order=prepared, confirmation=None)
    assert li.balance() == 100_000
