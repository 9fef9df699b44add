"""Native orders: what they may say, what asking again does, when they end; refunds under the merchant's own numbers."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from merchant import sweeper
from merchant.wechatpay import trades
from shared import clock
from shared.payments.intents import PaymentIntent
from shared.payments.states import IntentState
from tests.merchant.shop import Shop
from tests.merchant.wechatpay.clerk import Clerk
from tests.world import Member

NATIVE, REFUNDS = "/v3/pay/transactions/native", "/v3/refund/domestic/refunds"
NUMBER = "order-0001"


@pytest.fixture(scope="module")
def sold(standing_shop: Shop, knocking: Clerk) -> Clerk:
    """A program whose shop has sold once, and has another order that nobody has paid."""
    order(knocking, out_trade_no="order-paid-1")
    order(knocking, out_trade_no="order-unpaid")
    standing_shop.paid_by(standing_shop.world.person("ana"), intent_of(standing_shop, knocking, "order-paid-1").id)
    return knocking


def order(clerk: Clerk, **other: Any) -> TestResponse:
    """Place an order that is right, but for what is given; None leaves a field out."""
    asked = {
        "appid": clerk.appid, "mchid": clerk.mchid, "description": "Oolong", "out_trade_no": NUMBER,
        "notify_url": "http://127.0.0.1:9/notify", "amount": {"total": 1250, "currency": "CNY"},
    } | other  # fmt: skip
    return clerk.post(NATIVE, {name: value for name, value in asked.items() if value is not None})


def close(clerk: Clerk, number: str = NUMBER) -> TestResponse:
    return clerk.post(f"/v3/pay/transactions/out-trade-no/{number}/close", {"mchid": clerk.mchid})


def give(clerk: Clerk, fen: Any = 400, total: Any = 1250, **other: Any) -> TestResponse:
    """Ask for a refund."""
    asked = {"out_refund_no": "back-1", "out_trade_no": NUMBER, "reason": "cold"} | other
    return clerk.post(REFUNDS, asked | {"amount": {"refund": fen, "total": total, "currency": "CNY"}})


def told(answer: TestResponse) -> tuple[int, str]:
    """The status and the code of a refusal."""
    return answer.status_code, answer.get_json()["code"]


def intent_of(shop: Shop, clerk: Clerk, number: str = NUMBER) -> PaymentIntent:
    """The newest intent behind an order."""
    found = shop.store.read(trades.find, mchid=clerk.mchid, out_trade_no=number)
    assert found is not None
    return shop.intent(found.intent_id)


def state(clerk: Clerk, number: str = NUMBER) -> str:
    return str(clerk.query(number)["trade_state"])


@pytest.mark.parametrize(
    "other",
    [
        {"amount": {"total": 12.5}}, {"amount": {"total": 1250.0}}, {"amount": {"total": "1250"}},
        {"amount": {"total": True}}, {"amount": {"total": 0}}, {"amount": {"total": -1}}, {"amount": {}},
        {"amount": {"total": 10**13}}, {"amount": 1250}, {"amount": None}, {"amount": {"total": 1, "currency": "USD"}},
        {"out_trade_no": "short"}, {"out_trade_no": "x" * 33}, {"out_trade_no": "with blank"},
        {"out_trade_no": "订单号订单号"}, {"out_trade_no": 1234567}, {"out_trade_no": None}, {"out_trade_no": "semi;c"},
        {"description": ""}, {"description": "x" * 128}, {"description": None}, {"description": 7},
        {"attach": "x" * 129}, {"attach": ["x"]}, {"description": "half \ud800"}, {"description": "nul\0"},
        {"notify_url": None}, {"notify_url": "ftp://shop.example/"}, {"notify_url": "shop.example/notify"},
        {"notify_url": "http://shop.example/notify?a=1"}, {"notify_url": "http://shop.example/" + "x" * 250},
        {"notify_url": "http://[::1/"}, {"time_expire": "tomorrow"}, {"time_expire": "2018-06-08T10:34:56+08:00"},
        {"time_expire": "2030-06-08 10:34:56"}, {"time_expire": "2099-06-08T10:34:56+08:00"}, {"time_expire": 7},
        {"mchid": "1600000000"}, {"mchid": None}, {"scene_info": "shop"}, {"detail": []},
    ],
    ids=str,
)  # fmt: skip
def test_a_field_beyond_its_limits_is_refused_by_its_name(knocking: Clerk, other: dict[str, Any]) -> None:
    answer = order(knocking, **other)
    assert told(answer) == (400, "PARAM_ERROR")
    [field] = other
    assert field in answer.get_json()["detail"]["field"]
    assert knocking.query().get("code") == "ORDER_NOT_EXIST"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"7", b'{"a":', b'{"amount": NaN}', b'{"a":' * 20 + b"1" + b"}" * 20, b"[" * 9_000,
        b'{"description": "' + b"x" * 70_000 + b'"}',
    ],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_what_is_no_json_object_is_refused(knocking: Clerk, body: bytes) -> None:
    assert told(knocking.send("POST", NATIVE, body)) == (400, "PARAM_ERROR")


def test_another_merchants_app_is_refused(knocking: Clerk) -> None:
    assert told(order(knocking, appid="wx0000000000000000")) == (400, "APPID_MCHID_NOT_MATCH")


def test_an_order_at_its_limits_is_paid_and_says_what_was_asked(shop: Shop, clerk: Clerk, ana: Member) -> None:
    number = "aZ09_-|*" * 4
    asked = {"description": "茶" * 127, "attach": "a" * 128, "scene_info": {"device_id": "till 1"}, "goods_tag": "x"}
    assert order(clerk, out_trade_no=number, **asked).status_code == 200
    shop.paid_by(ana, intent_of(shop, clerk, number).id)
    found = clerk.query(number.replace("|", "%7C"))
    assert (found["trade_state"], found["attach"]) == ("SUCCESS", "a" * 128)
    assert (found["scene_info"], len(found["transaction_id"])) == ({"device_id": "till 1"}, 28)
    assert len(found["payer"]["openid"]) == 28
    assert intent_of(shop, clerk, number).memo == "茶" * 21


def test_the_same_order_again_is_the_same_code_and_another_one_is_refused(
    shop: Shop, clerk: Clerk, ana: Member
) -> None:
    first = order(clerk)
    assert order(clerk).get_json() == first.get_json()
    assert told(order(clerk, description="Pu-erh")) == (403, "OUT_TRADE_NO_USED")
    assert told(order(clerk, amount={"total": 1})) == (403, "OUT_TRADE_NO_USED")
    shop.paid_by(ana, intent_of(shop, clerk).id)
    assert told(order(clerk)) == (400, "ORDERPAID")
    assert told(close(clerk)) == (400, "ORDERPAID")


def test_an_order_that_is_closed_cannot_be_paid_nor_placed_again(shop: Shop, clerk: Clerk, ana: Member) -> None:
    order(clerk)
    closed = close(clerk)
    assert (closed.status_code, closed.text, state(clerk)) == (204, "", "CLOSED")
    with pytest.raises(Exception, match="intent_canceled"):
        shop.paid_by(ana, intent_of(shop, clerk).id)
    assert told(order(clerk)) == (400, "ORDER_CLOSED")
    assert told(close(clerk)) == (400, "ORDER_CLOSED")
    assert told(close(clerk, "never-placed")) == (404, "ORDER_NOT_EXIST")


def test_an_order_outlives_its_code_and_is_paid_once_by_the_fresh_one(shop: Shop, clerk: Clerk, ana: Member) -> None:
    first = order(clerk).get_json()["code_url"]
    old = intent_of(shop, clerk)
    shop.world.pass_time(901)
    sweeper.sweep(shop.store)
    assert state(clerk) == "NOTPAY"
    fresh = order(clerk).get_json()["code_url"]
    assert fresh != first
    with pytest.raises(Exception, match="code_expired"):
        shop.paid_by(ana, old.id)
    shop.paid_by(ana, intent_of(shop, clerk).id)
    assert state(clerk) == "SUCCESS"
    assert shop.world.balance(ana) == 100_000 - 1250
    assert shop.intent(old.id).state is IntentState.EXPIRED


def test_an_order_on_its_way_when_its_code_is_replaced_comes_too_late(shop: Shop, clerk: Clerk, ana: Member) -> None:
    """In the minute that counts after a code's end, replacing it decides: whoever pays the old one moves nothing."""
    order(clerk)
    old = intent_of(shop, clerk)
    shop.world.pass_time(930)
    assert order(clerk).status_code == 200
    with pytest.raises(Exception, match="code_expired"):
        shop.paid_by(ana, old.id)
    assert shop.world.balance(ana) == 100_000


def test_an_order_paid_in_its_codes_last_minute_is_not_placed_again(shop: Shop, clerk: Clerk, ana: Member) -> None:
    order(clerk)
    shop.world.pass_time(930)
    shop.paid_by(ana, intent_of(shop, clerk).id)
    assert told(order(clerk)) == (400, "ORDERPAID")


def test_an_order_ends_after_two_hours_or_when_its_merchant_says(shop: Shop, clerk: Clerk) -> None:
    soon = trades.beijing(shop.world.now() + 120_000)
    order(clerk)
    order(clerk, out_trade_no="order-0002", time_expire=soon)
    assert intent_of(shop, clerk, "order-0002").expires_at <= shop.world.now() + 120_000
    shop.world.pass_time(200)
    assert (state(clerk), state(clerk, "order-0002")) == ("NOTPAY", "CLOSED")
    assert told(order(clerk, out_trade_no="order-0002", time_expire=soon)) == (400, "ORDER_CLOSED")
    shop.world.pass_time(7200)
    assert state(clerk) == "CLOSED"


def test_an_end_by_the_machines_clock_is_understood_when_the_test_clock_was_moved(shop: Shop, clerk: Clerk) -> None:
    shop.world.pass_time(86_400)
    assert order(clerk, time_expire=trades.beijing(clock.system_now() + 600_000)).status_code == 200
    found = shop.store.read(trades.find, mchid=clerk.mchid, out_trade_no=NUMBER)
    assert found is not None
    assert abs(found.expires_at - shop.world.now() - 600_000) < 60_000


def test_numbers_are_asked_for_as_the_service_wants_it(shop: Shop, clerk: Clerk, ana: Member) -> None:
    order(clerk)
    found = shop.store.read(trades.find, mchid=clerk.mchid, out_trade_no=NUMBER)
    assert found is not None
    by_id = f"/v3/pay/transactions/id/{found.transaction_id}?mchid={clerk.mchid}"
    assert told(clerk.get(by_id)) == (404, "ORDER_NOT_EXIST")
    assert told(clerk.get(f"/v3/pay/transactions/out-trade-no/{NUMBER}")) == (400, "PARAM_ERROR")
    assert told(clerk.get(f"/v3/pay/transactions/out-trade-no/a?mchid={clerk.mchid}")) == (400, "PARAM_ERROR")
    shop.paid_by(ana, found.intent_id)
    assert clerk.get(by_id).get_json() == clerk.query()


def test_a_refund_is_given_once_however_often_it_is_asked_for(shop: Shop, clerk: Clerk, ana: Member) -> None:
    order(clerk)
    shop.paid_by(ana, intent_of(shop, clerk).id)
    first = give(clerk)
    assert (first.status_code, first.get_json()["status"]) == (200, "SUCCESS")
    assert give(clerk).get_json() == first.get_json()
    assert told(give(clerk, 401)) == (400, "INVALID_REQUEST")
    assert clerk.get(f"{REFUNDS}/back-1").get_json() == first.get_json()
    assert state(clerk) == "REFUND"
    assert shop.world.balance(ana) == 100_000 - 1250 + 400
    number = clerk.query()["transaction_id"]
    assert give(clerk, 850, out_refund_no="back-2", out_trade_no="", transaction_id=number).status_code == 200
    assert shop.world.balance(ana) == 100_000


@pytest.mark.parametrize(
    ("fen", "total", "other", "expected"),
    [
        (1251, 1250, {}, (400, "INVALID_REQUEST")),
        (400, 1000, {}, (400, "INVALID_REQUEST")),
        (0, 1250, {}, (400, "PARAM_ERROR")),
        (1.5, 1250, {}, (400, "PARAM_ERROR")),
        ("400", 1250, {}, (400, "PARAM_ERROR")),
        (400, 1250, {"out_refund_no": "x" * 65}, (400, "PARAM_ERROR")),
        (400, 1250, {"out_refund_no": "two words"}, (400, "PARAM_ERROR")),
        (400, 1250, {"reason": "x" * 81}, (400, "PARAM_ERROR")),
        (400, 1250, {"notify_url": "nowhere"}, (400, "PARAM_ERROR")),
        (400, 1250, {"out_trade_no": None}, (400, "PARAM_ERROR")),
        (400, 1250, {"out_trade_no": "never-placed"}, (404, "RESOURCE_NOT_EXISTS")),
        (400, 1250, {"out_trade_no": "order-unpaid"}, (400, "INVALID_REQUEST")),
    ],
)
def test_a_refund_that_cannot_be_is_refused_and_moves_nothing(
    standing_shop: Shop, sold: Clerk, fen: Any, total: Any, other: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert told(give(sold, fen, total, **{"out_trade_no": "order-paid-1"} | other)) == expected
    assert intent_of(standing_shop, sold, "order-paid-1").refunded_minor == 0
    assert told(sold.get(f"{REFUNDS}/back-1")) == (404, "RESOURCE_NOT_EXISTS")


def test_a_shop_that_was_paid_out_has_not_enough_to_give_back(shop: Shop, clerk: Clerk, ana: Member) -> None:
    order(clerk)
    shop.paid_by(ana, intent_of(shop, clerk).id)
    assert shop.program().ask("POST", "/test_clock/advance", {"by_s": 3 * 86_400}).status_code == 200
    assert told(give(clerk)) == (403, "NOT_ENOUGH")
