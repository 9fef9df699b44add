"""Code pay: what a phone shows is charged, asked about, taken back."""

from __future__ import annotations

import pytest

from shared.codes import frame as frames
from tests.merchant.shop import Shop
from tests.merchant.wechatpay.clerk import Clerk, hired
from tests.world import Member


@pytest.fixture
def clerk(shop: Shop) -> Clerk:
    return hired(shop)


@pytest.fixture
def bo(shop: Shop) -> Member:
    """A customer who is not asked up to 20.00."""
    member = shop.world.person("bo")
    shop.world.limit(member, no_pin_minor=2_000)
    return member


def code_of(shop: Shop, payer: Member, **change: object) -> str:
    """The code that a customer's phone shows, as a scanner reads it."""
    return frames.code_text(shop.config.wallet_url, shop.world.payer_code(payer, **change))


def intent_of(shop: Shop, number: str = "order-0001") -> str:
    """The intent behind an order."""
    [(found,)] = shop.store.read(
        lambda reader: reader.sql.rows(
            "SELECT intent_id FROM wechatpay_trade WHERE out_trade_no = :number", number=number
        )
    )
    return str(found)


def test_a_small_amount_is_taken_at_once(shop: Shop, clerk: Clerk, bo: Member) -> None:
    answer = clerk.code_pay(code_of(shop, bo), attach="table 4")

    told = answer.get_json()
    assert (answer.status_code, told["trade_state"], told["trade_type"]) == (200, "SUCCESS", "MICROPAY")
    assert (told["attach"], told["amount"]["total"]) == ("table 4", 1250)
    assert len(told["transaction_id"]) == 28
    assert clerk.query() == told
    assert shop.world.balance(bo) == 100_000 - 1250


def test_above_the_limit_the_phone_is_asked_and_the_order_is_userpaying_until_it_answers(
    shop: Shop, clerk: Clerk, bo: Member
) -> None:
    answer = clerk.code_pay(code_of(shop, bo), fen=2_001)
    told = answer.get_json()
    assert (answer.status_code, told["trade_state"], "transaction_id" in told) == (202, "USERPAYING", False)
    assert answer.headers["Wechatpay-Signature"]
    assert clerk.query()["trade_state"] == "USERPAYING"

    shop.paid_by(bo, intent_of(shop))

    assert clerk.query()["trade_state"] == "SUCCESS"


def test_an_order_that_nobody_confirms_has_failed_when_its_time_is_over(shop: Shop, clerk: Clerk, bo: Member) -> None:
    clerk.code_pay(code_of(shop, bo), fen=2_001)

    shop.world.pass_time(200)

    assert clerk.query()["trade_state"] == "PAYERROR"


def test_the_same_request_again_charges_nothing_again(shop: Shop, clerk: Clerk, bo: Member) -> None:
    code = code_of(shop, bo)
    assert clerk.code_pay(code, fen=2_001).status_code == 202

    assert clerk.code_pay(code, fen=2_001).status_code == 202
    shop.paid_by(bo, intent_of(shop))
    again = clerk.code_pay(code, fen=2_001)

    assert (again.status_code, again.get_json()["code"]) == (400, "ORDERPAID")
    assert shop.world.balance(bo) == 100_000 - 2_001


def test_a_number_that_was_used_takes_no_other_content(shop: Shop, clerk: Clerk, bo: Member) -> None:
    clerk.code_pay(code_of(shop, bo), fen=2_001)

    other = clerk.code_pay(code_of(shop, bo), fen=2_002)

    assert (other.status_code, other.get_json()["code"]) == (403, "OUT_TRADE_NO_USED")


def test_a_code_that_does_not_do_leaves_no_order_and_the_number_may_be_tried_again(
    shop: Shop, clerk: Clerk, bo: Member
) -> None:
    expected: list[tuple[dict[str, object], int, str]] = [
        ({"cap_minor": 100}, 403, "RULE_LIMIT"),
        ({"ttl_s": 1, "issued_at_s": 1_700_000_000}, 400, "AUTH_CODE_EXPIRED"),
        ({"currency": 840}, 400, "PARAM_ERROR"),
    ]

    for change, status, code in expected:
        refused = clerk.code_pay(code_of(shop, bo, **change))
        assert (refused.status_code, refused.get_json()["code"]) == (status, code)
        assert clerk.query()["code"] == "ORDER_NOT_EXIST"

    assert clerk.code_pay(code_of(shop, bo)).get_json()["trade_state"] == "SUCCESS"


def test_a_spent_code_an_empty_wallet_and_no_code_at_all_are_told_apart(shop: Shop, clerk: Clerk, bo: Member) -> None:
    code, poor = code_of(shop, bo), shop.world.person("poor", balance_minor=1_000)
    shop.world.limit(poor, no_pin_minor=2_000)
    clerk.code_pay(code)

    told = [
        clerk.code_pay(given, number).get_json()["code"]
        for given, number in [
            (code, "order-0002"), (code_of(shop, poor), "order-0003"), ("134567890123456789", "order-0004"),
            ("hello", "order-0005"),
        ]
    ]  # fmt: skip

    assert told == ["INVALID_REQUEST", "NOT_ENOUGH", "AUTH_CODE_INVALID", "AUTH_CODE_ERROR"]


def test_a_payer_without_a_good_code_is_a_bad_parameter(clerk: Clerk) -> None:
    for code in ("", 134567890123456789, "1" * 1025, None):
        assert clerk.code_pay("", payer={"auth_code": code}).get_json()["code"] == "PARAM_ERROR"
    for payer in (None, [], {}, "1"):
        assert clerk.code_pay("", payer=payer).get_json()["code"] == "PARAM_ERROR"


def test_an_unpaid_order_taken_back_is_revoked_and_can_be_paid_no_more(shop: Shop, clerk: Clerk, bo: Member) -> None:
    clerk.code_pay(code_of(shop, bo), fen=2_001)

    assert clerk.reverse().get_json() == {"appid": clerk.appid, "mchid": clerk.mchid, "out_trade_no": "order-0001"}
    assert clerk.reverse().status_code == 200

    assert clerk.query()["trade_state"] == "REVOKED"
    assert shop.intent(intent_of(shop)).state == "canceled"
    assert clerk.code_pay(code_of(shop, bo), fen=2_001).get_json()["code"] in ("ORDER_CLOSED", "OUT_TRADE_NO_USED")


def test_a_paid_order_taken_back_is_given_back_once(shop: Shop, clerk: Clerk, bo: Member) -> None:
    clerk.code_pay(code_of(shop, bo))

    assert [clerk.reverse().status_code for _ in range(3)] == [200, 200, 200]

    assert clerk.query()["trade_state"] == "REVOKED"
    assert shop.world.balance(bo) == 100_000


def test_only_code_pay_of_this_week_is_taken_back(shop: Shop, clerk: Clerk, bo: Member) -> None:
    clerk.post("/v3/pay/transactions/native", {
        "appid": clerk.appid, "mchid": clerk.mchid, "description": "Oolong", "out_trade_no": "native-001",
        "notify_url": "http://localhost/heard", "amount": {"total": 100},
    })  # fmt: skip
    clerk.code_pay(code_of(shop, bo))
    shop.world.pass_time(8 * 86_400)

    told = [clerk.reverse(number).get_json()["code"] for number in ("native-001", "order-0001", "nothing-01")]

    assert told == ["INVALID_REQUEST", "INVALID_REQUEST", "ORDER_NOT_EXIST"]
