"""Paying: signed orders, once; drafts for browsers whose key the server holds; whatever else, nothing moves."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from shared import faults
from shared.codes import frame as frames
from shared.codes import payloads, seal
from shared.codes.payloads import OrderKind
from shared.payments import audit, intents, kinds
from tests.wallet.browser import Browser
from tests.wallet.conftest import BASE, Phone, good, refused
from tests.world import Member, World


@pytest.fixture
def shop(world: World) -> Member:
    return world.shop("tea")


@pytest.fixture
def bo(app: Flask, world: World) -> Browser:
    """Somebody whose browser keeps no key."""
    browser = Browser(app)
    good(browser.post("/api/users", {"display_name": "Bo", "handle": "bo"}))
    return browser


def draft(world: World, payee: str, amount_minor: int, **change: Any) -> dict[str, Any]:
    usual = {
        "kind": "send", "payee": payee, "amount_minor": amount_minor, "currency": "CNY", "subject": None, "memo": None,
        "jti": secrets.token_hex(8), "issued_at_s": world.now() // 1000,
    }  # fmt: skip
    return usual | change


def pay(phone: Phone, intent: intents.PaymentIntent, **change: Any) -> str:
    fields = {"subject": bytes.fromhex(intent.jti)} | change
    return phone.order(OrderKind.PAY, "tea", fields.pop("amount_minor", intent.amount_minor), **fields)


def test_a_payment_captures_the_intent_and_answers_with_a_receipt(ana: Phone, world: World, shop: Member) -> None:
    intent = world.intent(shop, 1250)

    done = ana.post("/api/orders", {"order": pay(ana, intent), "presented": frames.code_text(BASE, intent.code)})

    assert (done["status"], done["intent"], done["is_replay"]) == ("captured", intent.id, False)
    assert (done["amount_minor"], done["currency"], done["payee"]["handle"]) == (1250, "CNY", "tea")
    assert (ana.balance(), world.balance(shop)) == (98_750, 1250)
    assert ana.post("/api/scan", {"text": done["receipt"]})["transfer"] == done["transfer"]


def test_bare_digits_do_as_well_as_the_whole_link(ana: Phone, li: Phone) -> None:
    order = ana.order(OrderKind.SEND, "li", 500).rpartition("#")[2]

    assert ana.post("/api/orders", {"order": order})["status"] == "posted"
    assert (ana.balance(), li.balance()) == (99_500, 100_500)


def test_the_same_order_again_moves_nothing_and_answers_the_same_at_any_time(ana: Phone, li: Phone) -> None:
    order = ana.order(OrderKind.SEND, "li", 500)
    first = ana.post("/api/orders", {"order": order})
    ana.world.pass_time(7200)

    again = ana.post("/api/orders", {"order": order})

    assert again == first | {"is_replay": True}
    assert li.balance() == 100_500


def test_one_number_is_one_order(ana: Phone, li: Phone) -> None:
    jti = secrets.token_bytes(8)
    ana.post("/api/orders", {"order": ana.order(OrderKind.SEND, "li", 500, jti=jti)})

    other = ana.order(OrderKind.SEND, "li", 501, jti=jti)

    refused(ana.ask("POST", "/api/orders", {"order": other}), "idempotency_conflict", 409)
    assert li.balance() == 100_500


def test_only_the_person_who_is_signed_in_may_order(ana: Phone, li: Phone, world: World, shop: Member) -> None:
    theirs = li.order(OrderKind.SEND, "ana", 500)
    by_shop = frames.code_text(BASE, world.frame(shop, OrderKind.REFUND, "ana", 500))

    for order in (theirs, by_shop):
        refused(ana.ask("POST", "/api/orders", {"order": order}), "not_your_order", 403)
    assert (ana.balance(), li.balance()) == (100_000, 100_000)


OWN = {OrderKind.PAY, OrderKind.SEND, OrderKind.HOLD, OrderKind.WITHDRAW}


@pytest.mark.parametrize("kind", sorted(set(OrderKind) - kinds.CHARGES - OWN))
def test_a_person_orders_payments_holds_transfers_and_withdrawals_only(ana: Phone, li: Phone, kind: OrderKind) -> None:
    named = {"subject": bytes(8), "memo": "pi_x"}
    refused(ana.ask("POST", "/api/orders", {"order": ana.order(kind, "li", 500, **named)}), "signer_may_not", 403)


def test_a_balance_that_is_too_low_is_named(ana: Phone, li: Phone) -> None:
    ana.post("/api/pin", {"pin": "123456"})
    token = ana.post("/api/confirmations", {"pin": "123456"})["confirmation"]
    body = {"order": ana.order(OrderKind.SEND, "li", 100_001), "confirmation": token}

    told = refused(ana.ask("POST", "/api/orders", body), "insufficient_funds", 409)

    assert "¥1,000.00" in told["detail"]


def test_what_an_order_for_an_intent_is_refused_for(ana: Phone, li: Phone, world: World, shop: Member) -> None:
    intent = world.intent(shop, 1250)
    for order, code, status in (
        (pay(ana, intent, amount_minor=1249), "amount_mismatch", 400),
        (ana.order(OrderKind.PAY, "tea", 1250, subject=bytes(8)), "unknown_intent", 404),
        (ana.order(OrderKind.PAY, "nobody", 1250), "unknown_party", 404),
        (ana.order(OrderKind.PAY, "li", 1250), "wrong_payee", 400),
        (ana.order(OrderKind.SEND, "tea", 1250), "wrong_payee", 400),
        (ana.order(OrderKind.SEND, "ana", 1250), "paid_to_self", 400),
        (ana.order(OrderKind.SEND, "li", 1250, currency=978), "currencies_must_match", 400),
        (pay(ana, intent, issued_at_s=world.now() // 1000 - 200), "code_expired", 422),
        (pay(ana, intent, issued_at_s=world.now() // 1000 + 400), "code_not_yet_valid", 422),
        (ana.card(), "not_an_order", 400),
        ("hello", "not_a_code", 422),
    ):
        refused(ana.ask("POST", "/api/orders", {"order": order}), code, status)
    assert (ana.balance(), li.balance(), world.balance(shop)) == (100_000, 100_000, 0)


def test_an_intent_is_paid_once_and_not_after_it_was_withdrawn(
    ana: Phone, li: Phone, world: World, shop: Member
) -> None:
    paid, canceled = world.intent(shop, 100), world.intent(shop, 200)
    world.store.run(intents.cancel, intent_id=canceled.id, shop_id=shop.id)
    ana.post("/api/orders", {"order": pay(ana, paid)})

    refused(li.ask("POST", "/api/orders", {"order": pay(li, paid)}), "already_paid", 409)
    refused(ana.ask("POST", "/api/orders", {"order": pay(ana, paid)}), "already_paid", 409)
    refused(li.ask("POST", "/api/orders", {"order": pay(li, canceled)}), "intent_canceled", 409)
    assert world.balance(shop) == 100


def test_the_amount_at_a_printed_code_is_the_payers(ana: Phone, world: World, shop: Member) -> None:
    done = ana.post("/api/orders", {"order": ana.order(OrderKind.PAY, "tea", 999)})

    assert (done["status"], world.balance(shop)) == ("captured", 999)
    assert done["intent"].startswith("pi_")


def test_a_request_is_answered_once_by_an_order_that_fits_it(ana: Phone, li: Phone, join: Callable[..., Phone]) -> None:
    request, other = li.request(300), li.request(400)
    subject = bytes.fromhex(ana.post("/api/scan", {"text": request})["subject"])
    for amount, presented in ((300, None), (300, other), (301, request), (300, li.card())):
        order = ana.order(OrderKind.SEND, "li", amount, subject=subject)
        refused(ana.ask("POST", "/api/orders", {"order": order, "presented": presented}), "request_mismatch", 400)

    order = ana.order(OrderKind.SEND, "li", 300, subject=subject)
    assert ana.post("/api/orders", {"order": order, "presented": request})["status"] == "posted"

    mia = join("Mia")
    late = mia.order(OrderKind.SEND, "li", 300, subject=subject)
    refused(mia.ask("POST", "/api/orders", {"order": late, "presented": request}), "request_already_paid", 409)
    assert (li.balance(), mia.balance()) == (100_300, 100_000)


def test_a_draft_is_sealed_by_the_key_that_the_server_holds_and_is_one_order_however_often_it_comes(
    bo: Browser, li: Phone, world: World
) -> None:
    asked = {"draft": draft(world, "li", 500, memo="Lunch")}

    first, again = good(bo.post("/api/orders", asked)), good(bo.post("/api/orders", asked))

    assert (first["status"], first["amount_minor"], first["is_replay"]) == ("posted", 500, False)
    assert again == first | {"is_replay": True}
    refused(bo.post("/api/orders", {"draft": asked["draft"] | {"amount_minor": 501}}), "idempotency_conflict", 409)
    world.pass_time(3600)
    assert good(bo.post("/api/orders", asked))["transfer"] == first["transfer"]
    assert li.balance() == 100_500
    assert li.get("/api/statement")["rows"][0]["memo"] == "Lunch"


def test_the_same_draft_stays_one_order_when_the_person_comes_back_with_another_key(
    bo: Browser, li: Phone, world: World, app: Flask
) -> None:
    asked = {"draft": draft(world, "li", 500) | {"kid": good(bo.get("/api/me"))["kid"]}}
    first = good(bo.post("/api/orders", asked))
    good(bo.post("/api/pin", {"pin": "271828"}))
    back = Browser(app)
    assert good(back.post("/api/session", {"handle": "bo", "pin": "271828"}))["kid"] != asked["draft"]["kid"]

    again = good(back.post("/api/orders", asked))

    assert (again["transfer"], again["is_replay"]) == (first["transfer"], True)
    assert li.balance() == 100_500


def test_a_draft_pays_a_shop_and_answers_a_request(bo: Browser, li: Phone, world: World, shop: Member) -> None:
    intent, request = world.intent(shop, 1250), li.request(300)
    subject = good(bo.post("/api/scan", {"text": request}))["subject"]

    paid = good(bo.post("/api/orders", {"draft": draft(world, "tea", 1250, kind="pay", subject=intent.jti)}))
    sent = good(bo.post("/api/orders", {"draft": draft(world, "li", 300, subject=subject), "presented": request}))

    assert (paid["status"], paid["intent"], sent["status"]) == ("captured", intent.id, "posted")
    assert (world.balance(shop), li.balance()) == (1250, 100_300)


def test_a_phone_with_a_key_of_its_own_cannot_have_the_server_sign(ana: Phone, li: Phone, world: World) -> None:
    refused(ana.ask("POST", "/api/orders", {"draft": draft(world, "li", 500)}), "no_server_key", 404)
    assert li.balance() == 100_000


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "top_up"}, "bad_input"), ({"kind": 2}, "bad_input"), ({"jti": "00"}, "bad_input"),
        ({"jti": "GG" * 8}, "bad_input"), ({"subject": "xy"}, "bad_input"), ({"amount_minor": 1.5}, "bad_input"),
        ({"amount_minor": True}, "bad_input"), ({"amount_minor": 0}, "bad_field"), ({"amount_minor": -5}, "bad_field"),
        ({"amount_minor": 10**12 + 1}, "bad_field"), ({"currency": 156}, "bad_input"),
        ({"currency": "XXX"}, "unknown_currency"), ({"issued_at_s": "now"}, "bad_input"),
        ({"payee": "No Handle"}, "bad_field"), ({"memo": "a\u202eb"}, "bad_field"), ({"memo": "x" * 65}, "bad_field"),
        ({"memo": "\ud800"}, "bad_input"),
    ],
)  # fmt: skip
def test_a_draft_is_read_strictly(bo: Browser, li: Phone, world: World, change: dict[str, Any], code: str) -> None:
    refused(bo.post("/api/orders", {"draft": draft(world, "li", 500) | change}), code, 400)
    assert li.balance() == 100_000


def test_every_order_stays_open_to_audit(ana: Phone, bo: Browser, li: Phone, world: World, shop: Member) -> None:
    ana.post("/api/orders", {"order": pay(ana, world.intent(shop, 1250))})
    request = li.request(300)
    subject = bytes.fromhex(ana.post("/api/scan", {"text": request})["subject"])
    ana.post("/api/orders", {"order": ana.order(OrderKind.SEND, "li", 300, subject=subject), "presented": request})
    good(bo.post("/api/orders", {"draft": draft(world, "li", 500)}))

    assert not world.store.read(audit.run).faults


def test_a_request_of_somebody_else_cannot_be_presented_as_an_order(ana: Phone, li: Phone) -> None:
    code = payloads.PeerRequest("li", 156, li.world.now() // 1000, 60, bytes(8), 300)
    text = frames.code_text(BASE, seal.seal(code, li.key, li.realm))

    refused(li.ask("POST", "/api/orders", {"order": text}), "not_an_order", 400)


def test_an_answer_that_fails_after_the_commit_never_says_that_nothing_moved(
    ana: Phone, li: Phone, sqlite_url: str
) -> None:
    beside = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)

    def lose_the_readers() -> None:
        faults.set_fault("store.committed", None)
        beside.execute("ALTER TABLE contacts_contact RENAME TO contacts_away")

    body = {"order": ana.order(OrderKind.SEND, li.handle, 500)}
    faults.set_fault("store.committed", lose_the_readers)
    refused(ana.ask("POST", "/api/orders", body), "outcome_unknown", 503)
    beside.execute("ALTER TABLE contacts_away RENAME TO contacts_contact")
    beside.close()
    assert ana.post("/api/orders", body)["is_replay"]
    assert ana.balance() == 99_500
