"""A program makes its shop a merchant, and sets an SDK up with nothing but what it is answered."""

from __future__ import annotations

from wechatpayv3 import WeChatPay, WeChatPayType

from merchant.api.limits import Limiter
from merchant.wechatpay import certificates
from tests.merchant.shop import Shop
from tests.merchant.wechatpay.clerk import Clerk

MERCHANT = "/wechatpay_merchant"


def clerk_of(shop: Shop, told: dict[str, str]) -> Clerk:
    """A program with the keys that were answered."""
    key = certificates.private_key(told["private_key"].encode())
    return Clerk(shop.app.test_client(), told["mchid"], told["appid"], told["serial_no"], key)


def test_a_shop_becomes_a_merchant_and_has_its_keys_renewed(shop: Shop) -> None:
    program = shop.program()
    assert program.ask("GET", MERCHANT).json["code"] == "no_wechatpay_merchant"
    first = program.ask("POST", MERCHANT, {}, "make me one")
    assert first.status_code == 201
    assert program.ask("POST", MERCHANT, {}, "make me one").json == first.json
    told = first.json
    assert clerk_of(shop, told).query()["code"] == "ORDER_NOT_EXIST"
    shown = {name: value for name, value in told.items() if name not in ("private_key", "apiv3_key")}
    assert program.ask("GET", MERCHANT).json == shown

    second = program.ask("POST", MERCHANT).json
    assert (second["mchid"], second["appid"]) == (told["mchid"], told["appid"])
    assert second["apiv3_key"] != told["apiv3_key"]
    assert clerk_of(shop, told).query()["code"] == "SIGN_ERROR"
    assert clerk_of(shop, second).query()["code"] == "ORDER_NOT_EXIST"


def test_an_sdk_is_set_up_with_nothing_but_the_answer(shop: Shop) -> None:
    told = shop.program().ask("POST", MERCHANT).json
    assert told["gateway"] == "http://localhost/wechatpay"
    client = WeChatPay(
        WeChatPayType.NATIVE, told["mchid"], told["private_key"], told["serial_no"], told["appid"], told["apiv3_key"],
        public_key=told["platform_public_key"], public_key_id=told["platform_public_key_id"],
    )  # fmt: skip
    assert client.sign(["a", "b"])


def test_too_many_requests_of_one_merchant_are_refused(shop: Shop) -> None:
    clerk = clerk_of(shop, shop.program().ask("POST", MERCHANT).json)
    shop.app.extensions["saoma_api_limiter"] = Limiter(1)
    answers = [clerk.query()["code"] for _ in range(20)]
    assert (answers[0], answers[-1]) == ("ORDER_NOT_EXIST", "FREQUENCY_LIMITED")
