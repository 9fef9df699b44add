"""Authorizing: what is held is mine and not to be spent, what the shop does about it stands in my statement once."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from shared.codes import frame as frames
from shared.codes.payloads import OrderKind
from shared.ledger import accounts, chart
from shared.payments import audit, intents
from shared.payments.kinds import HOLD_MS
from tests.wallet.browser import Browser
from tests.wallet.conftest import BASE, Phone, good, refused
from tests.wallet.test_paying import draft
from tests.world import Member, World


@pytest.fixture
def shop(world: World) -> Member:
    return world.shop("tea")


@pytest.fixture(autouse=True)
def green(world: World):  # type: ignore[no-untyped-def]
    """Whatever a test did, the audit agrees with it."""
    yield
    assert world.store.read(audit.run).faults == []


def manual(world: World, shop: Member, amount_minor: int = 15_000, **more: Any) -> intents.PaymentIntent:
    return world.intent(shop, amount_minor, capture_method=intents.MANUAL, **more)


def order_of(phone: Phone, intent: intents.PaymentIntent, kind: OrderKind = OrderKind.HOLD) -> str:
    return phone.order(kind, "tea", intent.amount_minor, subject=bytes.fromhex(intent.jti))


def held(phone: Phone, world: World, shop: Member, amount_minor: int = 15_000, **more: Any) -> dict[str, Any]:
    """What the phone is told when it has authorized."""
    return phone.post("/api/orders", {"order": order_of(phone, manual(world, shop, amount_minor, **more))})


def scanned(phone: Phone, intent: intents.PaymentIntent) -> dict[str, Any]:
    return phone.post("/api/scan", {"text": frames.code_text(BASE, intent.code)})


def by_shop(world: World, shop: Member, kind: OrderKind, intent_id: str, amount_minor: int, reason: str = "") -> str:
    """The transfer of what the shop does about an intent."""
    intent = world.store.read(intents.by_id, id=intent_id)
    payer = world.store.read(lambda reader: reader.sql.rows(
        "SELECT handle FROM identity_party WHERE id = :id", id=intent.payer_id))[0][0]  # fmt: skip
    frame = world.frame(shop, kind, payer, amount_minor, subject=bytes.fromhex(intent.jti), memo=intent.id)
    return world.execute(replace(world.prepared(frame), reason=reason)).transfer.id


def rows(phone: Phone) -> list[tuple[str, str, int]]:
    """Kind, direction and amount of what happened since the welcome money, oldest first."""
    found = [(row["kind"], row["direction"], row["amount_minor"]) for row in phone.get("/api/statement")["rows"]]
    return found[-2::-1]


def moved_minor(phone: Phone) -> int:
    """What came in less what went out, over the whole statement."""
    signs = {"in": 1, "out": -1}
    return sum(signs.get(row["direction"], 0) * row["amount_minor"] for row in phone.get("/api/statement")["rows"])


def test_scanning_says_how_the_shop_takes_the_money(ana: Phone, world: World, shop: Member) -> None:
    assert scanned(ana, manual(world, shop))["capture_method"] == "manual"
    assert scanned(ana, world.intent(shop, 100))["capture_method"] == "automatic"
    assert ana.post("/api/scan", {"text": ana.card()})["capture_method"] is None


def test_authorizing_holds_and_the_balance_is_what_may_be_spent(ana: Phone, world: World, shop: Member) -> None:
    intent = manual(world, shop)
    body = {"order": order_of(ana, intent)}
    done = ana.post("/api/orders", body)
    assert (done["status"], done["amount_minor"], done["intent"]) == ("authorized", 15_000, intent.id)
    assert done["receipt"] is None, "nothing has moved that could be proved"
    assert ana.get("/api/balance") == {"balance_minor": 85_000, "held_minor": 15_000, "currency": "CNY"}
    assert ana.get("/api/me")["held_minor"] == 15_000
    by_shop(world, shop, OrderKind.CAPTURE, intent.id, 15_000)
    assert ana.post("/api/orders", body) == done | {"is_replay": True}, "the same answer, whatever the shop did since"


def test_what_is_held_cannot_be_spent_twice(ana: Phone, world: World, shop: Member) -> None:
    for _ in range(6):
        held(ana, world, shop)
    told = refused(ana.ask("POST", "/api/orders", {"order": order_of(ana, manual(world, shop))}),
                   "insufficient_funds", 409)  # fmt: skip
    assert "¥100.00" in told["detail"]


def test_an_order_of_the_other_kind_moves_nothing(ana: Phone, world: World, shop: Member) -> None:
    for order in (order_of(ana, manual(world, shop), OrderKind.PAY), order_of(ana, world.intent(shop, 100))):
        refused(ana.ask("POST", "/api/orders", {"order": order}), "wrong_order_kind", 400)
    assert ana.balance() == 100_000


def test_a_large_hold_asks_for_the_pin_like_a_payment(ana: Phone, world: World, shop: Member) -> None:
    order = order_of(ana, manual(world, shop, 20_001))
    refused(ana.ask("POST", "/api/orders", {"order": order}), "pin_not_set", 409)
    ana.post("/api/pin", {"pin": "271828"})
    refused(ana.ask("POST", "/api/orders", {"order": order}), "pin_required", 403)
    token = ana.post("/api/confirmations", {"pin": "271828"})["confirmation"]
    assert ana.post("/api/orders", {"order": order, "confirmation": token})["status"] == "authorized"


def test_a_browser_without_a_key_authorizes_by_draft(app: Flask, world: World, shop: Member) -> None:
    bo = Browser(app)
    good(bo.post("/api/users", {"display_name": "Bo", "handle": "bo"}))
    intent = manual(world, shop)
    asked = {"draft": draft(world, "tea", 15_000, kind="hold", subject=intent.jti)}
    assert good(bo.post("/api/orders", asked))["status"] == "authorized"
    assert good(bo.post("/api/orders", asked))["is_replay"]


def test_a_hold_and_its_capture_count_once(ana: Phone, world: World, shop: Member) -> None:
    done = held(ana, world, shop, memo="Room 12")
    taken = by_shop(world, shop, OrderKind.CAPTURE, done["intent"], 6_000)
    assert rows(ana) == [("hold", "held", 15_000), ("capture", "out", 6_000)]
    assert (moved_minor(ana), ana.balance()) == (94_000, 94_000)
    last, first = ana.get("/api/statement")["rows"][:2]
    assert (first["transfer"], first["ended_by"], last["hold"]) == (done["transfer"], taken, done["transfer"])
    assert (first["memo"], last["memo"]) == ("Room 12", "Room 12")
    assert last["counterparty"]["handle"] == "tea"


def test_a_release_is_told_and_moves_nothing(ana: Phone, world: World, shop: Member) -> None:
    voided, left = held(ana, world, shop, 100), held(ana, world, shop, 200)
    by_shop(world, shop, OrderKind.VOID, voided["intent"], 100)
    world.pass_time(HOLD_MS // 1000)
    assert world.store.run(intents.expire_due) == 1
    assert rows(ana) == [
        ("hold", "held", 100), ("hold", "held", 200), ("void", "released", 100), ("expiry", "released", 200),
    ]  # fmt: skip
    assert (moved_minor(ana), ana.balance()) == (100_000, 100_000)
    assert ana.get(f"/api/receipts/{left['transfer']}")["code"] is None


def test_what_came_in_less_what_went_out_is_the_balance_with_what_is_held(
    ana: Phone, world: World, shop: Member
) -> None:
    for amount, kind, part in ((100, OrderKind.CAPTURE, 70), (200, OrderKind.VOID, 200), (400, None, 0)):
        done = held(ana, world, shop, amount)
        if kind:
            by_shop(world, shop, kind, done["intent"], part)
        if kind == OrderKind.CAPTURE:
            by_shop(world, shop, OrderKind.REFUND, done["intent"], 30)
    balance = world.store.read(accounts.balance, code=chart.user_account(ana.user))
    assert moved_minor(ana) == balance.balance_minor + balance.debits_pending == 100_000 - 70 + 30
    assert ana.get("/api/balance") == {"balance_minor": 99_560, "held_minor": 400, "currency": "CNY"}


def test_a_refund_says_why_and_is_proved(ana: Phone, world: World, shop: Member) -> None:
    sale = world.intent(shop, 1_000, memo="Two teas")
    ana.post("/api/orders", {"order": order_of(ana, sale, OrderKind.PAY)})
    back = by_shop(world, shop, OrderKind.REFUND, sale.id, 400)
    row = ana.get("/api/statement")["rows"][0]
    assert (row["kind"], row["direction"], row["amount_minor"], row["memo"]) == ("refund", "in", 400, "Two teas")
    by_shop(world, shop, OrderKind.REFUND, sale.id, 100, reason="One was cold")
    assert ana.get("/api/statement")["rows"][0]["memo"] == "One was cold"
    proof = ana.get(f"/api/receipts/{back}")
    assert ana.post("/api/scan", {"text": proof["code"]})["transfer"] == back


def test_a_code_that_i_authorized_says_so_for_ever_and_to_others_that_it_is_taken(
    ana: Phone, li: Phone, world: World, shop: Member
) -> None:
    intent = manual(world, shop)
    done = ana.post("/api/orders", {"order": order_of(ana, intent)})
    world.pass_time(3600)
    mine, theirs = scanned(ana, intent), scanned(li, intent)
    assert (mine["state"], mine["transfer"]) == ("authorized", done["transfer"])
    assert (theirs["state"], theirs["transfer"]) == ("authorized", None)
    refused(li.ask("POST", "/api/orders", {"order": order_of(li, intent)}), "already_paid", 409)
    by_shop(world, shop, OrderKind.VOID, intent.id, intent.amount_minor)
    assert scanned(ana, intent)["state"] == "voided"


@pytest.fixture
def bo(app: Flask) -> Browser:
    browser = Browser(app)
    good(browser.post("/api/users", {"display_name": "Bo", "handle": "bo"}))
    return browser


def authorized(bo: Browser, world: World, intent: intents.PaymentIntent) -> dict[str, Any]:
    asked = draft(world, "tea", intent.amount_minor, kind="hold", subject=intent.jti)
    return good(bo.post("/api/orders", {"draft": asked}))


def words(page: str) -> str:
    """What a page says, without its markup and its scripts' words."""
    said = re.sub(r"<script.*?</script>", " ", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", said))


def test_the_page_of_a_manual_request_says_what_will_happen(bo: Browser, world: World, shop: Member) -> None:
    text = frames.code_text(BASE, manual(world, shop).code)
    told = good(bo.post("/q/view", {"text": text}))
    said = words(told["html"])
    assert told["capture_method"] == "manual"
    assert "The shop takes the money later, up to ¥150.00. Until then it is held." in said
    assert "Authorize ¥150.00" in said
    assert "Pay ¥150.00" not in said


def test_the_pages_follow_a_hold_to_its_capture_and_its_refund(bo: Browser, world: World, shop: Member) -> None:
    intent = manual(world, shop, memo="Room 12")
    done = authorized(bo, world, intent)
    paid, entry = (words(bo.get(f"/{page}/{done['transfer']}").text) for page in ("paid", "receipts"))
    assert "Authorized ¥150.00 ¥150.00 is held for Tea" in paid
    assert "Tea may take it, or a part of it" in entry
    assert "Signed receipt" not in entry
    home = words(bo.get("/").text)
    assert "¥850.00 ¥150.00 held" in home
    assert "¥150.00 Held" in home
    text = {"text": frames.code_text(BASE, intent.code)}
    assert "You authorized this" in words(good(bo.post("/q/view", text))["html"])

    taken = by_shop(world, shop, OrderKind.CAPTURE, intent.id, 6_000)
    back = by_shop(world, shop, OrderKind.REFUND, intent.id, 2_500)
    said = words(bo.get("/statement").text)
    assert "Refund from Tea" in said
    for part in ("+¥25.00 Received", "−¥60.00 Paid", "¥150.00 Was held"):
        assert part in said
    assert "Tea has taken ¥60.00. The rest is yours again." in words(bo.get(f"/receipts/{done['transfer']}").text)
    receipt, refund = words(bo.get(f"/receipts/{taken}").text), words(bo.get(f"/receipts/{back}").text)
    assert "Held before ¥150.00" in receipt
    assert "Given back since ¥25.00" in receipt
    assert "Of the payment ¥60.00" in refund
    assert "Signed receipt" in refund
    assert "held" not in words(bo.get("/").text).partition("Recent")[0]
    assert "¥60.00 to Tea" in words(good(bo.post("/q/view", text))["html"])


def test_the_pages_of_a_release_say_that_the_money_is_free(bo: Browser, ana: Phone, world: World, shop: Member) -> None:
    intent = manual(world, shop)
    done = authorized(bo, world, intent)
    released = by_shop(world, shop, OrderKind.VOID, intent.id, intent.amount_minor)
    assert "Tea took nothing. The money is yours again." in words(bo.get(f"/receipts/{done['transfer']}").text)
    assert "Nothing was taken" in words(bo.get(f"/receipts/{released}").text)
    assert "¥150.00 Released" in words(bo.get("/statement").text)
    text = {"text": frames.code_text(BASE, intent.code)}
    assert "This was released" in words(good(bo.post("/q/view", text))["html"])
    refused(ana.ask("GET", f"/api/receipts/{released}"), "no_such_transfer", 404)
