"""A shop that was written for WeChat Pay, on running services: its client, a phone, notices that come by themselves."""

from __future__ import annotations

import json
from typing import Any

import httpx
from wechatpayv3 import WeChatPay, WeChatPayType

from shared.payments import audit
from tests.merchant.wechatpay.receiving import receiving
from tests.services import Services


def sdk_of(services: Services, notify_url: str) -> Any:
    """The published client, set up over HTTP with what one call answers."""
    headers = {"Authorization": f"Bearer {services.till_key()}"}
    told = httpx.post(f"{services.merchant}/v1/wechatpay_merchant", headers=headers, json={}).json()
    client = WeChatPay(
        WeChatPayType.NATIVE, told["mchid"], told["private_key"], told["serial_no"], told["appid"], told["apiv3_key"],
        notify_url, public_key=told["platform_public_key"], public_key_id=told["platform_public_key_id"],
    )  # fmt: skip
    client._core._gate_way = told["gateway"]
    return client


def read(answer: tuple[int, str]) -> dict[str, Any]:
    assert answer[0] == 200, answer
    found: dict[str, Any] = json.loads(answer[1])
    return found


def test_a_shop_written_for_wechat_pay_sells_here(services: Services) -> None:
    ana, number = services.phone("Ana Wechat"), "a|b*c_-0001"
    with receiving() as receiver:
        client = sdk_of(services, receiver.url)
        code = read(client.pay(description="两杯茶", out_trade_no=number, amount={"total": 1250}))["code_url"]
        ana.pay(code)
        told = client.callback(*receiver.next())
        assert told["resource"] == read(client.query(out_trade_no=number))
        amount = {"refund": 1250, "total": 1250, "currency": "CNY"}
        read(client.refund(out_refund_no="back-1", out_trade_no=number, amount=amount))
        assert client.callback(*receiver.next())["resource"]["refund_status"] == "SUCCESS"
        services.kill("merchant")
        services.start("merchant")
        assert read(client.query(out_trade_no=number))["trade_state"] == "REFUND"
    assert ana.balance()["balance_minor"] == 100_000
    store = services.store()
    assert store.read(audit.run).faults == []
    store.close()
