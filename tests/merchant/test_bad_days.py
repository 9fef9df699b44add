"""What goes wrong in the middle of a day: words that play tricks, two hands at once, a till that is started again, a
stream that breaks, a shop that is frozen with a code on its screen. The money stays where it belongs.
"""

from __future__ import annotations

import threading
from typing import Any

import pytest

from merchant.app import create_app
from merchant.catalog import actions as catalog
from merchant.catalog.fields import Fields, SkuTaken
from shared.identity import parties
from shared.payments import audit
from shared.payments.states import IntentState
from shared.settlement import actions as settlement
from tests.merchant.shop import Browser, Shop
from tests.world import SECRET, Member

TRICK = "<script>alert(1)</script>\u202ecod"
"""Markup, and a character that turns the reading direction."""


def shift_of(shop: Shop) -> str:
    [(id,)] = shop.store.read(lambda reader: reader.sql.rows("SELECT id FROM shifts_shift WHERE closed_at IS NULL"))
    return str(id)


def words_on(browser: Browser, paths: list[str]) -> str:
    """What these pages say, one after the other."""
    found = []
    for path in paths:
        answer = browser.get(path)
        assert answer.status_code == 200, path
        found.append(answer.text)
    return "\n".join(found)


def test_words_that_play_tricks_are_words_wherever_a_till_takes_some(shop: Shop, browser: Browser, ana: Member) -> None:
    line = {"typed_minor": 500, "name": TRICK[:40]}
    made = browser.sell(line, note=TRICK, reference="<b>4</b>\u202e")
    assert made.status_code == 201, made.json
    id = made.json["id"]
    shop.paid_by(ana, id)
    refund = {"amount_minor": 100, "reason": TRICK}
    parked = {"name": TRICK[:40], "cart": {"lines": [line], "note": TRICK}}
    cash = {"direction": "out", "amount": "1", "reason": TRICK[:60]}
    for path, body in ((f"sales/{id}/refund", refund), ("parked", parked), (f"shifts/{shift_of(shop)}/cash", cash)):
        assert browser.post(f"/api/{path}", body).status_code in (200, 201), path

    shown = words_on(browser, ["/", "/sales", f"/sales/{id}", f"/checkout/{id}", "/shift", "/activity", "/insight"])
    assert "<script>alert" not in shown
    assert "<b>4" not in shown
    assert "\u202e" not in shown
    assert "&lt;script&gt;alert(1)" in shown, "what was typed is shown as it was typed"


def test_two_who_give_one_barcode_at_once_make_one_item_of_it(shop: Shop) -> None:
    codes: list[str] = []
    together = threading.Barrier(4)

    def add(name: str) -> None:
        fields = Fields(name, 500, sku="4006381333931")
        together.wait()
        try:
            codes.append(shop.store.run(catalog.add_item, shop_id=shop.party.id, item=fields).id[:3])
        except SkuTaken as refusal:
            codes.append(refusal.code)

    hands = [threading.Thread(target=add, args=(f"Tin {number}",)) for number in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert sorted(codes) == ["itm", "sku_taken", "sku_taken", "sku_taken"]


def test_a_till_that_is_started_again_goes_on_where_it_was(shop: Shop, browser: Browser, ana: Member) -> None:
    body = {"lines": [{"typed_minor": 1250}]}
    keyed = {"X-CSRF-Token": browser.token, "Idempotency-Key": "one press of the button"}
    made = browser.client.post("/api/sales", json=body, headers=keyed).json
    parked = browser.post("/api/parked", {"name": "Table 4", "cart": {"lines": [{"typed_minor": 300}]}}).json
    again = create_app(shop.config, shop.store).test_client()
    for cookie in browser.client._cookies.values():
        again.set_cookie(cookie.key, cookie.value)
    after = Browser(again, browser.token)

    assert again.post("/api/sales", json=body, headers=keyed).json["id"] == made["id"], "the press is the same sale"
    assert after.get(f"/api/sales/{made['id']}").json["status"] == "requires_payment"
    assert [row["id"] for row in after.get("/api/parked").json] == [parked["id"]]
    assert shop.paid_by(ana, made["id"]).transfer is not None
    assert after.get(f"/api/sales/{made['id']}").json["status"] == "captured"
    assert after.charge(700).status_code == 201, "its shift is still open"


def test_a_stream_that_was_cut_goes_on_behind_the_last_thing_it_told(shop: Shop, browser: Browser, ana: Member) -> None:
    id = browser.charge(1250).json["id"]
    first = heard(browser, until=b"intent.created")
    number = first.rpartition(b"id: ")[2].partition(b"\n")[0].decode()
    shop.paid_by(ana, id)
    rest = heard(browser, until=b"intent.captured", last=number)
    assert b"intent.created" not in rest, "nothing is told twice"


def heard(browser: Browser, *, until: bytes, last: str = "") -> bytes:
    """What the till's stream says up to there."""
    told = {"headers": {"Last-Event-ID": last}} if last else {}
    stream = browser.client.get("/events" if last else "/events?after=0", buffered=False, **told)
    found = b""
    for piece in stream.iter_encoded():
        found += piece
        if until in found and found.endswith(b"\n\n"):
            break
    stream.close()
    return found


def test_a_shop_that_is_frozen_in_the_middle_of_a_sale_is_not_paid(shop: Shop, browser: Browser, ana: Member) -> None:
    id = browser.charge(1250).json["id"]
    shop.store.run(parties.freeze, party_id=shop.party.id, is_frozen=True)
    with pytest.raises(parties.PartyFrozen):
        shop.paid_by(ana, id)
    shop.store.run(parties.freeze, party_id=shop.party.id, is_frozen=False)
    shop.paid_by(ana, id)
    assert (shop.intent(id).state, shop.world.balance(ana)) == (IntentState.CAPTURED, 98_750)


@pytest.mark.parametrize(
    ("amount_minor", "code"),
    [(1_251, "refund_exceeds_captured"), (10**15, "invalid_amount"), (2**63, "bad_input"), (12.5, "bad_input")],
)
def test_more_than_was_paid_never_comes_back_not_even_after_settlement(
    shop: Shop, browser: Browser, ana: Member, amount_minor: Any, code: str
) -> None:
    id = browser.charge(1250).json["id"]
    shop.paid_by(ana, id)
    settlement.settle(shop.store, cutoff_at=None, secret=SECRET)
    later = browser.charge(99_000 - 250).json["id"]
    shop.paid_by(ana, later)
    refused = browser.post(f"/api/sales/{id}/refund", {"amount_minor": amount_minor, "reason": ""})
    assert (refused.json["code"], shop.intent(id).refunded_minor) == (code, 0)
    assert shop.store.read(audit.run).faults == []
