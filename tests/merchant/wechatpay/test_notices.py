"""Notices: each payment and refund is told once, tried as patiently as the service does, and goes wrong on order."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from merchant.callbacks import deliveries, faults, sender
from merchant.callbacks.faults import Fault
from merchant.wechatpay import merchants, notices, platform, signing, trades
from tests.merchant.shop import Shop, open_shop
from tests.merchant.wechatpay.clerk import Clerk, hired
from tests.merchant.wechatpay.receiving import Receiver
from tests.world import SECRET, Member, World

NUMBER = "order-0001"


def sell(shop: Shop, clerk: Clerk, payer: Member, url: str, number: str = NUMBER) -> str:
    """Place an order and have it paid; its intent's id."""
    asked = {
        "appid": clerk.appid, "mchid": clerk.mchid, "description": "Oolong", "out_trade_no": number,
        "notify_url": url, "amount": {"total": 1250}, "attach": "table 4",
    }  # fmt: skip
    assert clerk.post("/v3/pay/transactions/native", asked).status_code == 200
    found = shop.store.read(trades.find, mchid=clerk.mchid, out_trade_no=number)
    assert found is not None
    shop.paid_by(payer, found.intent_id)
    return found.intent_id


def send(shop: Shop) -> int:
    """Let everything go out that is due; how many tries were made."""
    return sender.send_due(shop.store, config=shop.config, secret=SECRET)


def opened(shop: Shop, body: str) -> dict[str, Any]:
    """A notice with its resource decrypted."""
    told = json.loads(body)
    sealed, merchant = told["resource"], shop.store.read(merchants.of_shop, shop_id=shop.party.id)
    plain = AESGCM(merchant.api_key(SECRET).encode()).decrypt(
        sealed["nonce"].encode(), base64.b64decode(sealed["ciphertext"]), sealed["associated_data"].encode()
    )
    found: dict[str, Any] = told | {"resource": json.loads(plain)}
    return found


def is_ours(shop: Shop, headers: Any, body: str) -> bool:
    """Whether the platform's certificate verifies a notice."""
    signer = shop.store.read(platform.find, secret=SECRET)
    assert signer is not None
    message = signing.lines(headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"], body)
    return signing.is_signed(signer.platform.certificate, message, headers["Wechatpay-Signature"])


def test_a_payment_is_told_once_and_says_what_a_query_says(
    shop: Shop, clerk: Clerk, ana: Member, receiver: Receiver
) -> None:
    sell(shop, clerk, ana, receiver.url)
    assert (send(shop), send(shop)) == (1, 0)
    [(headers, body)] = receiver.notices
    told = opened(shop, body)
    assert is_ours(shop, headers, body)
    assert (told["event_type"], told["resource_type"], told["summary"]) == (
        "TRANSACTION.SUCCESS", "encrypt-resource", "支付成功",
    )  # fmt: skip
    assert told["resource"] == clerk.query()
    assert told["resource"]["attach"] == "table 4"


def test_it_is_all_the_same_on_both_engines(
    world: World, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    shop = open_shop(world.store, tmp_path / "data")
    clerk = hired(shop)
    sell(shop, clerk, world.person("ana"), receiver.url)
    asked = {"out_trade_no": NUMBER, "out_refund_no": "back-1", "notify_url": receiver.url}
    amount = {"refund": 100, "total": 1250, "currency": "CNY"}
    assert clerk.post("/v3/refund/domestic/refunds", asked | {"amount": amount}).status_code == 200
    assert send(shop) == 2
    told = [opened(shop, body)["event_type"] for _, body in receiver.notices]
    assert (told, clerk.query()["trade_state"]) == (["TRANSACTION.SUCCESS", "REFUND.SUCCESS"], "REFUND")


def test_sales_of_the_till_and_of_the_other_api_tell_nobody(shop: Shop, clerk: Clerk, ana: Member) -> None:
    shop.paid_by(ana, shop.program().create(100).json["id"])
    assert send(shop) == 0


def test_a_refund_is_told_where_its_address_was_given(
    shop: Shop, clerk: Clerk, ana: Member, receiver: Receiver
) -> None:
    sell(shop, clerk, ana, receiver.url)
    send(shop)
    for number, more in (("back-1", {}), ("back-2", {"notify_url": receiver.url})):
        amount = {"refund": 100, "total": 1250, "currency": "CNY"}
        asked = {"out_trade_no": NUMBER, "out_refund_no": number, "amount": amount} | more
        assert clerk.post("/v3/refund/domestic/refunds", asked).status_code == 200
    assert send(shop) == 1
    told = opened(shop, receiver.notices[-1][1])
    assert (told["event_type"], told["resource"]["refund_status"]) == ("REFUND.SUCCESS", "SUCCESS")
    assert (told["resource"]["out_refund_no"], told["resource"]["amount"]["refund"]) == ("back-2", 100)


def test_a_merchant_that_does_not_take_it_is_told_again_for_a_day(
    shop: Shop, clerk: Clerk, ana: Member, receiver: Receiver
) -> None:
    receiver.status = 500
    intent_id = sell(shop, clerk, ana, receiver.url)
    assert send(shop) == 1
    for wait_ms in notices.WAITS_MS:
        shop.world.pass_time(wait_ms // 1000 + 1)
        assert send(shop) == 1, wait_ms
    shop.world.pass_time(7 * 86_400)
    assert send(shop) == 0
    [delivery] = shop.store.read(deliveries.about, subject=intent_id, shop_id=shop.party.id)
    assert (delivery.state, delivery.attempts) == ("failed", 16)
    assert len({json.loads(body)["id"] for _, body in receiver.notices}) == 1
    assert len({headers["Wechatpay-Nonce"] for headers, _ in receiver.notices}) == 16


@pytest.mark.parametrize(("fault", "signed"), [(Fault.BAD_SIGNATURE, [False]), (Fault.TWICE, [True, True])])
def test_a_fault_on_order_falls_to_the_notice(
    shop: Shop, clerk: Clerk, ana: Member, receiver: Receiver, fault: Fault, signed: list[bool]
) -> None:
    shop.store.run(faults.put, shop_id=shop.party.id, kinds=[notices.KIND], fault=fault, times=1, delay_s=None)
    sell(shop, clerk, ana, receiver.url)
    send(shop)
    assert [is_ours(shop, *notice) for notice in receiver.notices] == signed
