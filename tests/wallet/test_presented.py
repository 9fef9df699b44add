"""The doors of the payer code: its number, the code itself where the server holds the key, what a shop asks for."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from shared.codes import frame as frames
from shared.codes import payloads
from shared.codes.payloads import OrderKind
from shared.payments import audit, intents, numbers
from shared.payments.intents import PaymentIntent
from tests.wallet.browser import Browser
from tests.wallet.conftest import Phone, good, refused
from tests.world import Member, World

PIN = "123456"


@pytest.fixture(autouse=True)
def green(world: World):  # type: ignore[no-untyped-def]
    """Whatever a test did, the audit agrees with it."""
    yield
    assert world.store.read(audit.run).faults == []


@pytest.fixture
def shop(world: World) -> Member:
    return world.shop("tea")


@pytest.fixture
def ana(join: Callable[..., Phone]) -> Phone:
    return join("Ana", pin=PIN)


def code_of(phone: Phone, **change: Any) -> str:
    """A payer code that the phone shows."""
    now = phone.world.now()
    fields = {
        "currency": 156, "issued_at_s": now // 1000, "ttl_s": 120, "jti": secrets.token_bytes(8), "counter": now,
        "cap_minor": 200_000,
    }  # fmt: skip
    return phone.seal(payloads.PayerCode(**(fields | change)))


def taken(world: World, shop: Member, code: str, amount_minor: int, **more: Any) -> PaymentIntent:
    """A sale that the shop charges to a code."""
    return world.present(shop, world.intent(shop, amount_minor, **more), frames.frame_of_text(code))


def number_of(phone: Phone, code: str) -> dict[str, Any]:
    return phone.post("/api/payer_code/number", {"code": code})


def test_a_code_that_the_phone_shows_gets_a_number_that_names_it(world: World, ana: Phone) -> None:
    code = code_of(ana)
    told = number_of(ana, code)

    assert (set(told), len(told["number"]), told["number"][:2]) == ({"number", "expires_at"}, 18, "28")
    assert numbers.is_well_typed(told["number"])
    assert world.store.read(numbers.frame_of, number=told["number"]) == frames.frame_of_text(code)
    assert number_of(ana, code) == told
    assert number_of(ana, code_of(ana))["number"] != told["number"]


def test_a_number_is_given_to_a_good_code_of_ones_own_only(world: World, ana: Phone, li: Phone, shop: Member) -> None:
    spent = code_of(ana)
    taken(world, shop, spent, 1_250)
    for code, why, status in (
        (code_of(li), "not_your_code", 403),
        (ana.request(100), "not_a_payer_code", 400),
        (spent, "code_spent", 409),
        (code_of(ana, issued_at_s=world.now() // 1000 - 121), "code_expired", 422),
        (code_of(ana, issued_at_s=world.now() // 1000 + 3600), "code_not_yet_valid", 422),
        (code_of(ana)[:-1], "malformed_code", 422),
        ("https://example.test", "not_a_code", 422),
    ):
        refused(ana.ask("POST", "/api/payer_code/number", {"code": code}), why, status)
    refused(ana.ask("POST", "/api/payer_code/number", {"code": code_of(ana), "cap": 1}), "bad_input", 400)


def test_a_browser_without_a_key_of_its_own_shows_what_the_server_seals(
    app: Flask, world: World, ana: Phone, shop: Member
) -> None:
    bo = Browser(app)
    good(bo.post("/api/users", {"display_name": "Bo", "handle": "bo"}))
    told = good(bo.post("/api/payer_code", {}))

    assert told["cap_minor"] == 200_000
    assert taken(world, shop, told["code"], 1_250).state == "captured"
    assert len(good(bo.post("/api/payer_code/number", {"code": good(bo.post("/api/payer_code", {}))["code"]}))) == 2
    refused(ana.ask("POST", "/api/payer_code", {}), "no_server_key", 404)


def test_the_phone_is_told_what_a_shop_asks_for_and_pays_it_with_the_pin(
    world: World, ana: Phone, li: Phone, shop: Member
) -> None:
    assert ana.get("/api/confirmations") == {"data": []}
    intent = taken(world, shop, code_of(ana), 30_000, reference="table 7")

    [asked] = ana.get("/api/confirmations")["data"]
    assert li.get("/api/confirmations") == {"data": []}
    assert asked["shop"] == {"handle": "tea", "display_name": "Tea", "verified": True}
    said = {"intent": intent.id, "amount_minor": 30_000, "currency": "CNY", "jti": intent.jti, "reference": "table 7"}
    assert {name: asked[name] for name in said} == said
    order = {"order": ana.order(OrderKind.PAY, "tea", 30_000, subject=bytes.fromhex(asked["jti"]))}
    refused(ana.ask("POST", "/api/orders", order), "pin_required", 403)
    token = ana.post("/api/confirmations", {"pin": PIN})["confirmation"]
    paid = ana.post("/api/orders", order | {"confirmation": token})
    assert (paid["status"], paid["intent"], ana.balance()) == ("captured", intent.id, 70_000)
    assert ana.get("/api/confirmations") == {"data": []}


def test_the_phone_declines_what_is_asked_of_it_and_nobody_else_does(
    world: World, ana: Phone, li: Phone, shop: Member
) -> None:
    intent = taken(world, shop, code_of(ana), 30_000)
    path = f"/api/confirmations/{intent.id}/decline"

    refused(li.ask("POST", path, {}), "unknown_intent", 404)
    assert ana.post(path) == {"intent": intent.id, "status": "declined"}
    assert ana.post(path) == {"intent": intent.id, "status": "declined"}
    for odd in ("x", "pi_x", "..%2Fx", intent.id + "0"):
        assert ana.ask("POST", f"/api/confirmations/{odd}/decline", {}).status_code == 404
    order = ana.order(OrderKind.PAY, "tea", 30_000, subject=bytes.fromhex(intent.jti))
    token = ana.post("/api/confirmations", {"pin": PIN})["confirmation"]
    refused(ana.ask("POST", "/api/orders", {"order": order, "confirmation": token}), "intent_closed", 409)
    assert world.store.read(intents.by_id, id=intent.id).state == "declined"


def test_the_doors_are_for_people_who_are_signed_in(app: Flask) -> None:
    client, nobody = app.test_client(use_cookies=False), {"Authorization": "Bearer none", "Accept": "application/json"}
    for method, path in (
        ("POST", "/api/payer_code"), ("POST", "/api/payer_code/number"), ("GET", "/api/confirmations"),
        ("POST", "/api/confirmations/pi_x/decline"),
    ):  # fmt: skip
        refused(client.open(path, method=method, headers=nobody, json={}), "not_signed_in", 401)


def test_both_sides_see_a_charge_as_a_payment(world: World, ana: Phone, shop: Member) -> None:
    taken(world, shop, code_of(ana), 1_250)
    [row, _] = ana.get("/api/statement")["rows"]
    assert (row["direction"], row["kind"], row["amount_minor"], row["counterparty"]["handle"]) == (
        "out", "charge", 1_250, "tea",
    )  # fmt: skip
    assert ana.ask("GET", f"/receipts/{row['transfer']}").status_code == 200


def test_a_phone_that_scans_a_pay_code_is_told_what_it_is_and_not_whose(ana: Phone, li: Phone) -> None:
    for phone in (ana, li):
        told = refused(phone.ask("POST", "/api/scan", {"text": code_of(ana)}), "pay_code_not_for_scanning", 422)
        assert "ana" not in str(told).lower()


def test_the_shops_own_code_says_who_is_asked_to_confirm(world: World, ana: Phone, li: Phone, shop: Member) -> None:
    intent = taken(world, shop, code_of(ana), 30_000)
    text = frames.code_text("http://localhost:5001", intent.code)
    mine, theirs = (phone.ask("POST", "/q/view", {"text": text}).get_data(as_text=True) for phone in (ana, li))

    assert f"/confirm/{intent.id}" in mine
    assert "waits for another phone" in theirs
    order = li.order(OrderKind.PAY, "tea", 30_000, subject=bytes.fromhex(intent.jti))
    li.post("/api/pin", {"pin": PIN})
    token = li.post("/api/confirmations", {"pin": PIN})["confirmation"]
    refused(li.ask("POST", "/api/orders", {"order": order, "confirmation": token}), "awaits_confirmation", 409)
    world.pass_time(400)
    refused(ana.ask("POST", "/api/scan", {"text": text}), "code_expired", 422)
