"""Charging at the till: sales, their codes, what becomes of them, and the pages that show it."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

import pytest

from merchant import sweeper
from merchant.catalog import queries
from merchant.checkout import actions
from merchant.shops.signers import Signers
from shared.codes import frame as frames
from shared.codes import payloads, seal
from shared.codes.payloads import OrderKind
from shared.codes.refusals import CodeExpired, RevokedKey
from shared.identity import keys, parties
from shared.money import MAX_MINOR
from shared.payments import intents
from shared.payments.states import IntentAlreadyPaid, IntentCanceled, IntentState
from tests.merchant.shop import Browser, Shop
from tests.world import SECRET, Member


def opened(shop: Shop, text: str) -> seal.Opened:
    return seal.open_frame(
        frames.frame_of_text(text),
        realm=shop.world.realm,
        find_key=lambda kid: shop.store.read(keys.find, kid=kid),
        now_s=shop.world.now() // 1000,
    )


def state_of(browser: Browser, id: str) -> str:
    """The state in which the checkout page shows a sale."""
    found = re.search(r'id="checkout" data-state="(\w+)"', browser.get(f"/checkout/{id}").text)
    assert found
    return found.group(1)


def goods(shop: Shop) -> dict[str, str]:
    return {good.name: good.id for good in shop.store.read(queries.for_sale, shop_id=shop.party.id)}


def test_a_sale_of_goods_and_a_typed_amount_is_sealed_by_the_shops_key(shop: Shop, browser: Browser) -> None:
    on_sale = goods(shop)
    made = browser.charge(250, "Table 4", **{on_sale["Oolong"]: 2, on_sale["Egg tart"]: 1})
    assert made.status_code == 201
    request = opened(shop, made.json["code"]).payload
    assert isinstance(request, payloads.PaymentRequest)
    assert (request.handle, request.amount_minor, request.currency) == ("corner-tea", 4050, 156)
    assert (request.memo, request.reference) == ("2 × Oolong, Egg tart", "Table 4")
    assert made.json["status"] == "requires_payment"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"lines": []}, "nothing_to_charge"),
        ({"lines": [{"typed_minor": 0}]}, "invalid_amount"),
        ({"lines": [{"typed_minor": -5}]}, "invalid_amount"),
        ({"lines": [{"typed_minor": MAX_MINOR + 1}]}, "invalid_amount"),
        ({"lines": [{"typed_minor": MAX_MINOR}, {"typed_minor": 1}]}, "nothing_to_charge"),
        ({"lines": [{"typed_minor": 12.5}]}, "bad_input"),
        ({"lines": [{"typed_minor": True}]}, "bad_input"),
        ({"lines": [{"typed_minor": "1250"}]}, "bad_input"),
        ({"lines": {"typed_minor": 1}}, "bad_input"),
        ({"lines": [1]}, "bad_input"),
        ({"lines": [{"item": "itm_x", "quantity": 1}]}, "item_gone"),
        ({"lines": [{"item": "itm_x", "quantity": 0}]}, "bad_input"),
        ({"lines": [{"item": "itm_x", "quantity": -1}]}, "bad_input"),
        ({"lines": [{"item": "itm_x", "quantity": 1000}]}, "bad_input"),
        ({"lines": [{"typed_minor": 1}] * 201}, "cart_too_long"),
        ({"lines": [{"typed_minor": 1, "price": 2}]}, "bad_input"),
        ({"lines": [{"typed_minor": 1}], "reference": 7}, "bad_input"),
        ({"lines": [{"typed_minor": 100}], "total_minor": 99}, "price_changed"),
        ({"lines": [{"typed_minor": 100}], "tip": {"amount_minor": 101}}, "tip_too_large"),
        ({"lines": [{"typed_minor": 100}], "discount": {"amount_minor": 101}}, "discount_too_large"),
        ({"lines": [{"typed_minor": 100}], "discount": {"basis_points": 10_001}}, "bad_input"),
        ({"lines": [{"typed_minor": 100}], "parts": [99, 2]}, "bad_split"),
        ({"lines": [{"typed_minor": 100}], "parts": [50, 50], "is_manual": True}, "bad_split"),
        ({}, "bad_input"),
        ([], "bad_input"),
    ],
)
def test_what_makes_no_sale_is_refused_and_nothing_is_stored(browser: Browser, body: Any, code: str) -> None:
    answer = browser.post("/api/sales", body)
    assert (answer.json["code"], answer.mimetype) == (code, "application/problem+json")
    assert "No sales yet" in browser.get("/sales").text


@pytest.mark.parametrize(("typed", "kept"), [("x" * 17, "x" * 16), ("茶" * 6, "茶" * 5), (" Table\t4 ", "Table 4")])
def test_a_typed_reference_fits_what_a_code_carries(shop: Shop, browser: Browser, typed: str, kept: str) -> None:
    assert shop.intent(browser.charge(1250, typed).json["id"]).reference == kept


def test_another_shops_goods_cannot_be_sold_here(shop: Shop, browser: Browser) -> None:
    other = shop.world.shop("noodles")
    shop.store.run(
        lambda uow: uow.sql.run(
            "UPDATE catalog_item SET shop_id = :shop, picture = NULL WHERE name = 'Oolong'", shop=other.id
        )
    )
    gone = shop.store.read(queries.for_sale, shop_id=other.id)[0].id
    assert browser.charge(0, "", **{gone: 1}).json["code"] == "item_gone"


def test_the_checkout_page_tells_the_truth_in_every_state(shop: Shop, browser: Browser, ana: Member) -> None:
    id = browser.charge(1250).json["id"]
    assert state_of(browser, id) == "waiting"
    shop.scanned_by(ana, id)
    assert state_of(browser, id) == "scanned"
    assert "Scanned by A***" in browser.get(f"/checkout/{id}").text
    shop.paid_by(ana, id)
    assert state_of(browser, id) == "paid"
    assert "Paid by A***" in browser.get(f"/checkout/{id}").text


def test_a_code_is_late_while_a_payment_may_be_on_its_way_and_then_expired(shop: Shop, browser: Browser) -> None:
    id = browser.charge(1250).json["id"]
    shop.world.pass_time(intents.USUAL_TTL_S + 1)
    assert state_of(browser, id) == "late"
    shop.world.pass_time(61)
    assert state_of(browser, id) == "expired"
    assert browser.get(f"/api/sales/{id}").json["status"] == "expired"


def test_a_payment_that_was_on_its_way_still_counts(shop: Shop, browser: Browser, ana: Member) -> None:
    id = browser.charge(1250).json["id"]
    shop.world.pass_time(intents.USUAL_TTL_S + 30)
    shop.paid_by(ana, id)
    assert state_of(browser, id) == "paid"


def test_the_sweeper_makes_what_is_over_visibly_expired_and_tells_the_till(shop: Shop, browser: Browser) -> None:
    id = browser.charge(1250).json["id"]
    assert sweeper.sweep(shop.store) == 0
    shop.world.pass_time(intents.USUAL_TTL_S + 62)
    assert shop.intent(id).state is IntentState.REQUIRES_PAYMENT
    assert sweeper.sweep(shop.store) == 1
    assert shop.intent(id).state is IntentState.EXPIRED
    rows = shop.store.read(lambda reader: reader.sql.rows("SELECT name, topics FROM db_event ORDER BY seq"))
    assert [row[0] for row in rows[-2:]] == ["intent.expired", "sale.unpaid"]
    assert all(f"party:{shop.party.id}" in json.loads(row[1]) for row in rows[-2:])
    assert sweeper.sweep(shop.store) == 0


def test_a_new_code_asks_for_the_same_and_the_old_one_stays_expired(shop: Shop, browser: Browser, ana: Member) -> None:
    old = browser.charge(1250, "T-1").json["id"]
    shop.world.pass_time(intents.USUAL_TTL_S + 62)
    sweeper.sweep(shop.store)
    made = browser.post(f"/api/sales/{old}/again")
    assert made.status_code == 201
    assert (made.json["amount_minor"], made.json["reference"], made.json["status"]) == (1250, "T-1", "requires_payment")
    assert shop.intent(old).state is IntentState.EXPIRED
    assert shop.paid_by(ana, made.json["id"]).transfer.amount_minor == 1250


def test_a_new_code_stops_payments_that_are_on_their_way_to_the_old_one(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    old = browser.charge(1250).json["id"]
    shop.world.pass_time(intents.USUAL_TTL_S + 1)
    assert browser.post(f"/api/sales/{old}/again").status_code == 201
    assert shop.intent(old).state is IntentState.EXPIRED
    with pytest.raises(CodeExpired):
        shop.paid_by(ana, old)
    assert shop.world.balance(ana) == 100_000


def test_a_sale_that_was_paid_after_all_gets_no_new_code(shop: Shop, browser: Browser, ana: Member) -> None:
    old = browser.charge(1250).json["id"]
    shop.paid_by(ana, old)
    answer = browser.post(f"/api/sales/{old}/again")
    assert (answer.status_code, answer.json["code"]) == (409, "already_paid")
    assert "pi_" not in browser.get("/sales").text.replace(old, "")


def test_a_canceled_sale_cannot_be_paid(shop: Shop, browser: Browser, ana: Member) -> None:
    id = browser.charge(1250).json["id"]
    assert browser.post(f"/api/sales/{id}/cancel").json["status"] == "canceled"
    assert browser.post(f"/api/sales/{id}/cancel").json["status"] == "canceled"
    assert state_of(browser, id) == "canceled"
    with pytest.raises(IntentCanceled):
        shop.paid_by(ana, id)


def test_a_paid_sale_cannot_be_canceled(shop: Shop, browser: Browser, ana: Member) -> None:
    id = browser.charge(1250).json["id"]
    shop.paid_by(ana, id)
    assert browser.post(f"/api/sales/{id}/cancel").json["code"] == "already_paid"
    with pytest.raises(IntentAlreadyPaid):
        shop.store.run(intents.cancel, intent_id=id, shop_id=shop.party.id)


def test_another_shops_sales_do_not_exist_here(shop: Shop, browser: Browser) -> None:
    foreign = shop.world.intent(shop.world.shop("noodles"), 500).id
    for path in (f"/checkout/{foreign}", f"/sales/{foreign}", f"/api/sales/{foreign}"):
        assert browser.get(path).status_code == 404, path
    for verb in ("cancel", "again"):
        assert browser.post(f"/api/sales/{foreign}/{verb}").status_code == 404
    assert shop.intent(foreign).state is IntentState.REQUIRES_PAYMENT
    assert foreign not in browser.get("/sales").text


@pytest.mark.parametrize("id", ["x", "pi_", "pi_%00", "trf_01jd9k6y0afx3rg4m8m3cfvq2h", "pi_" + "z" * 26])
def test_ids_that_are_none_are_not_found(browser: Browser, id: str) -> None:
    for path in (f"/checkout/{id}", f"/sales/{id}", f"/api/sales/{id}"):
        assert browser.get(path).status_code == 404, path
    in_query = browser.get(f"/sales?before={id}").status_code
    assert in_query == (400 if "%00" in id else 404), "no query has a NUL in it"


def test_the_list_shows_the_newest_first_and_pages_back(shop: Shop, browser: Browser) -> None:
    made = [browser.charge(100 + number).json["id"] for number in range(25)]
    first = browser.get("/sales").text
    assert re.findall(r"/sales/(pi_\w+)", first) == made[:4:-1]
    older = re.search(r"/sales\?before=(pi_\w+)", first)
    assert older
    second = browser.get(f"/sales?before={older.group(1)}").text
    assert re.findall(r"/sales/(pi_\w+)", second) == made[4::-1]
    assert "before=" not in second
    assert browser.get(f"/sales?before={made[0]}").text.count("There are no older sales.") == 1


def test_the_rows_alone_are_those_of_the_first_page(browser: Browser) -> None:
    id = browser.charge(1250, "T-9").json["id"]
    rows = browser.get("/sales/rows").text
    assert (id in rows, "T-9" in rows, "<html" in rows) == (True, True, False)


def test_a_sales_page_tells_what_happened_and_where_the_money_is(shop: Shop, browser: Browser, ana: Member) -> None:
    id = browser.charge(1250, "T-1").json["id"]
    shop.scanned_by(shop.world.person("li"), id)
    shop.scanned_by(ana, id)
    done = shop.paid_by(ana, id)
    page = browser.get(f"/sales/{id}").text
    ledger = (done.transfer.id, f">{done.transfer.seq}<")
    for text in ("Scanned by L***", "Scanned by A***", "Paid by A***", "T-1", *ledger):
        assert text in page, text
    assert "Ana" not in page, "a shop sees a payer's initial"


def test_names_and_references_cannot_smuggle_markup_into_a_page(shop: Shop, browser: Browser) -> None:
    id = browser.charge(1250, "</script><i>").json["id"]
    for path in (f"/checkout/{id}", "/sales", f"/sales/{id}"):
        assert "</script><i>" not in browser.get(path).text


def test_the_shop_code_names_the_shop_and_is_always_the_same(shop: Shop, browser: Browser) -> None:
    program = shop.program()
    text = program.ask("GET", "/static_code").json["code"]
    shop.world.pass_time(3600)
    assert program.ask("GET", "/static_code").json["code"] == text
    code = opened(shop, text).payload
    assert isinstance(code, payloads.ShopCode)
    assert (code.handle, code.currency) == ("corner-tea", 156)
    assert "<svg" in browser.get("/static-code").text


def test_a_payment_at_the_shop_code_is_a_sale(shop: Shop, browser: Browser, ana: Member) -> None:
    world = shop.world
    done = world.execute(world.prepared(world.frame(ana, OrderKind.PAY, "corner-tea", 777)))
    assert done.intent is not None
    assert "At the shop code" in browser.get("/sales").text
    page = browser.get(f"/sales/{done.intent.id}").text
    assert "Paid at the shop code" in page
    assert browser.get(f"/checkout/{done.intent.id}").location == f"/sales/{done.intent.id}"


def test_a_revoked_terminal_key_seals_nothing_more_although_it_is_unlocked_here(shop: Shop, browser: Browser) -> None:
    kid = shop.intent(browser.charge(100).json["id"]).kid
    shop.store.run(keys.revoke, party_id=shop.party.id, kid=kid)
    answer = browser.charge(100)
    assert (answer.status_code, answer.json["code"]) == (409, "terminal_revoked")


def test_a_code_that_was_sealed_before_its_key_was_revoked_is_not_stored(shop: Shop) -> None:
    drafted = actions.drafted(
        shop.store, Signers(shop.store, SECRET), shop=shop.party, unit=shop.config.currency, amount_minor=1
    )
    shop.store.run(keys.revoke, party_id=shop.party.id, kid=drafted.kid)
    with pytest.raises(RevokedKey):
        shop.store.run(actions.charge, intent=drafted)


def test_a_frozen_shop_charges_nobody(shop: Shop, browser: Browser) -> None:
    shop.store.run(parties.freeze, party_id=shop.party.id, is_frozen=True)
    answer = browser.charge(100)
    assert (answer.status_code, answer.json["code"]) == (403, "party_frozen")


def test_pages_stay_within_their_budget(shop: Shop, browser: Browser) -> None:
    for _ in range(25):
        id = browser.charge(1250, "Table 4").json["id"]
    sizes = {
        path: len(gzip.compress(browser.get(path).data))
        for path in ("/", "/sales", "/static-code", f"/checkout/{id}", f"/sales/{id}")
    }
    assert max(sizes.values()) <= 14 * 1024, sizes


def test_a_till_hears_of_its_own_sales_only(shop: Shop, browser: Browser) -> None:
    foreign = shop.world.intent(shop.world.shop("noodles"), 500).id
    own = browser.charge(1250).json["id"]
    stream = browser.client.get("/events?after=0", buffered=False)
    heard = ""
    for piece in stream.iter_encoded():
        heard += piece.decode()
        if own in heard:
            break
    stream.close()
    assert "event: intent.created" in heard
    assert foreign not in heard
