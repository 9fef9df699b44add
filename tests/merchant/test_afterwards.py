"""The till's own pages about a sale that was signed: what they show, what their scripts may order, once, and who."""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from shared.codes.payloads import OrderKind
from shared.payments import audit, intents
from shared.payments.kinds import HOLD_MS
from tests.merchant.shop import Browser, Shop
from tests.world import Member


@pytest.fixture(autouse=True)
def green(shop: Shop):  # type: ignore[no-untyped-def]
    """Whatever a test did, the audit agrees with it."""
    yield
    assert shop.store.read(audit.run).faults == []


@pytest.fixture
def held(shop: Shop, browser: Browser, ana: Member) -> str:
    """A sale of 150.00 that Ana has authorized."""
    made = browser.post("/api/sales", {"lines": [{"typed_minor": 15_000}], "reference": "R 12", "is_manual": True})
    assert (made.status_code, made.json["capture_method"]) == (201, "manual")
    shop.authorized_by(ana, made.json["id"])
    return str(made.json["id"])


@pytest.fixture
def sold(shop: Shop, browser: Browser, ana: Member) -> str:
    """A sale of 10.00 that Ana has paid."""
    id = str(browser.charge(1_000).json["id"])
    shop.paid_by(ana, id)
    return id


def order(browser: Browser, id: str, act: str, body: Any = None, key: str | None = None) -> TestResponse:
    """What the sale's page sends when somebody presses the button in its sheet."""
    headers = {"X-CSRF-Token": browser.token} | ({"Idempotency-Key": key} if key else {})
    return browser.client.post(f"/api/sales/{id}/{act}", json=body or {}, headers=headers)


def words(browser: Browser, path: str) -> str:
    """What a page says, without its markup and its scripts' words."""
    said = re.sub(r"<script.*?</script>", " ", browser.get(path).text, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", said))


def test_a_sale_is_charged_at_once_unless_it_is_to_be_taken_later(shop: Shop, browser: Browser) -> None:
    assert browser.charge(100).json["capture_method"] == "automatic"
    body = {"lines": [{"typed_minor": 100}], "reference": "", "is_manual": "yes"}
    assert browser.post("/api/sales", body).json["code"] == "bad_input"


def test_a_new_code_for_the_same_sale_is_taken_later_too(shop: Shop, browser: Browser) -> None:
    body = {"lines": [{"typed_minor": 100}], "reference": "", "is_manual": True}
    made = browser.post("/api/sales", body).json["id"]
    assert browser.post(f"/api/sales/{made}/again").json["capture_method"] == "manual"


def test_capturing_a_part_ends_the_hold(shop: Shop, browser: Browser, ana: Member, held: str) -> None:
    assert "Held until" in words(browser, f"/sales/{held}")
    assert "Authorized" in words(browser, "/sales")
    done = order(browser, held, "capture", {"amount_minor": 12_000})
    assert (done.status_code, done.json["status"], done.json["amount_captured_minor"]) == (200, "captured", 12_000)
    assert shop.world.balance(ana) == 88_000
    page = words(browser, f"/sales/{held}")
    assert "A*** authorized ¥150.00" in page
    assert "Captured ¥120.00" in page
    assert "¥120.00 Paid" in words(browser, "/sales"), "the list shows what was taken"


def test_voiding_releases(shop: Shop, browser: Browser, ana: Member, held: str) -> None:
    assert order(browser, held, "void").json["status"] == "voided"
    assert shop.world.balance(ana) == 100_000
    assert "Voided, nothing was taken" in words(browser, f"/sales/{held}")
    assert "data-opens" not in browser.get(f"/sales/{held}").text


def test_a_hold_that_ran_out_offers_nothing(shop: Shop, browser: Browser, held: str) -> None:
    shop.world.pass_time(HOLD_MS // 1000)
    assert "The hold ran out, nothing was taken" in words(browser, f"/sales/{held}")
    assert "data-opens" not in browser.get(f"/sales/{held}").text
    assert 'data-state="released"' in browser.get(f"/checkout/{held}").text
    assert shop.store.run(intents.expire_due) == 1


def test_refunds_are_offered_while_something_is_left(shop: Shop, browser: Browser, ana: Member, sold: str) -> None:
    part = order(browser, sold, "refund", {"amount_minor": 400, "reason": "  One   was\tcold "})
    assert (part.status_code, part.json["amount_minor"], part.json["reason"]) == (201, 400, "One   was cold")
    page = words(browser, f"/sales/{sold}")
    assert "¥4.00 given back, ¥6.00 kept" in page
    assert "Refunded ¥4.00: One was cold" in page
    assert "Part refunded" in words(browser, "/sales")
    assert order(browser, sold, "refund", {"amount_minor": 600, "reason": ""}).status_code == 201
    assert "Refunded" in words(browser, "/sales")
    assert "data-opens" not in browser.get(f"/sales/{sold}").text
    assert shop.world.balance(ana) == 100_000


def test_a_sale_at_the_shop_code_is_refunded_too(shop: Shop, browser: Browser, ana: Member) -> None:
    paid = shop.world.execute(shop.world.prepared(shop.world.frame(ana, OrderKind.PAY, shop.party.handle, 700)))
    assert paid.intent is not None
    assert order(browser, paid.intent.id, "refund", {"amount_minor": 700, "reason": ""}).status_code == 201
    assert shop.world.balance(ana) == 100_000


@pytest.mark.parametrize(
    ("act", "body"), [("refund", {"amount_minor": 400, "reason": ""}), ("capture", {}), ("void", {})]
)
def test_the_same_press_that_comes_twice_is_carried_out_once(
    shop: Shop, browser: Browser, ana: Member, held: str, sold: str, act: str, body: Any
) -> None:
    id = sold if act == "refund" else held
    first, again = (order(browser, id, act, body, "press-1") for _ in range(2))
    assert first.status_code == again.status_code < 300
    assert again.json == first.json
    assert shop.intent(sold).refunded_minor == (400 if act == "refund" else 0)


@pytest.mark.parametrize(
    ("act", "body", "code"),
    [
        ("capture", {"amount_minor": 15_001}, "capture_exceeds_authorized"),
        ("capture", {"amount_minor": "1"}, "bad_input"), ("capture", {"all": True}, "bad_input"),
        ("void", {"amount_minor": 1}, "bad_input"), ("refund", {"amount_minor": 1, "reason": ""}, "intent_closed"),
        ("refund", {"amount_minor": 1}, "bad_input"),
    ],
)  # fmt: skip
def test_what_cannot_be_says_why(shop: Shop, browser: Browser, held: str, act: str, body: Any, code: str) -> None:
    answer = order(browser, held, act, body)
    assert (answer.json["code"], "{" in answer.json["detail"]) == (code, False)
    assert shop.intent(held).state == "authorized"


@pytest.mark.parametrize("act", ["capture", "void", "refund"])
def test_only_a_cashier_with_the_pages_token_may(shop: Shop, browser: Browser, held: str, act: str) -> None:
    body = {"reason": ""} if act == "refund" else {}
    forged = browser.client.post(f"/api/sales/{held}/{act}", json=body, headers={"X-CSRF-Token": "x"})
    assert forged.json["code"] == "forged_request"
    stranger = shop.browser(is_signed_in=False)
    stranger.get("/signin")
    assert order(stranger, held, act, body).status_code in (401, 403)
    foreign = shop.world.intent(shop.world.shop("noodles"), 500, capture_method=intents.MANUAL).id
    assert order(browser, foreign, act, body).json["code"] == "unknown_intent"
    assert shop.intent(held).state == "authorized"
