"""The client that shops have, as it is published, with its gateway's address changed and nothing else; the money comes
from a phone.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from wechatpayv3 import WeChatPay, WeChatPayType
from werkzeug.serving import WSGIRequestHandler, make_server

from merchant.callbacks import sender
from merchant.wechatpay import certificates, merchants, platform, trades
from shared.phone.client import Phone
from tests.merchant.shop import Shop
from tests.merchant.wechatpay.clerk import hired
from tests.merchant.wechatpay.receiving import Receiver
from tests.world import SECRET
from wallet.app import create_app as create_wallet


class Quiet(WSGIRequestHandler):
    """A server that keeps its requests to itself."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@dataclass
class Sdk:
    """What a shop's programmer has: the settings, and a client made of them."""

    shop: Shop
    settings: dict[str, str]
    gateway: str

    def client(self, **more: Any) -> Any:
        """The client as it comes from the package index; only its gateway is another."""
        given = {name: self.settings[name] for name in ("mchid", "private_key", "cert_serial_no", "appid", "apiv3_key")}
        made = WeChatPay(wechatpay_type=WeChatPayType.NATIVE, **given, **more)
        made._core._gate_way = self.gateway
        return made

    def by_certificate(self, folder: Path, **more: Any) -> Any:
        """One that verifies by the platform's certificate, which lies in a folder."""
        folder.mkdir()
        (folder / "platform.pem").write_text(self.settings["certificate"])
        return self.client(cert_dir=str(folder), **more)

    def by_public_key(self, **more: Any) -> Any:
        """One that verifies by the platform's public key."""
        key = certificates.public_pem(self.settings["certificate"])
        return self.client(public_key=key, public_key_id=self.settings["public_key_id"], **more)


@pytest.fixture
def sdk(shop: Shop) -> Iterator[Sdk]:
    """The till served over HTTP, its shop a merchant."""
    clerk = hired(shop)
    found = shop.store.read(merchants.of_shop, shop_id=shop.party.id)
    signer = shop.store.read(platform.find, secret=SECRET)
    assert signer is not None
    settings = {
        "mchid": clerk.mchid, "private_key": certificates.private_pem(clerk.key), "cert_serial_no": clerk.serial,
        "appid": clerk.appid, "apiv3_key": found.api_key(SECRET), "certificate": signer.platform.certificate,
        "public_key_id": signer.platform.public_key_id,
    }  # fmt: skip
    server = make_server("127.0.0.1", 0, shop.app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Sdk(shop, settings, f"http://127.0.0.1:{server.port}/wechatpay")
    server.shutdown()
    server.server_close()


def phone_of(shop: Shop) -> Phone:
    """Somebody new with a phone, and with the 1,000.00 that everybody gets."""
    wallet = create_wallet(shop.config, shop.store)
    return Phone.join(shop.config.wallet_url, "Ana", transport=httpx.WSGITransport(app=wallet))


def send_notices(shop: Shop) -> int:
    """Let everything go out that is due; how many tries were made."""
    return sender.send_due(shop.store, config=shop.config, secret=SECRET)


def read(answer: tuple[int, Any], status: int = 200) -> dict[str, Any]:
    """The JSON of an answer."""
    assert answer[0] == status, answer
    told: dict[str, Any] = json.loads(answer[1])
    return told


def heard(client: Any, receiver: Receiver) -> dict[str, Any]:
    """The newest notice, verified and decrypted by the client."""
    headers, body = receiver.notices[-1]
    told: dict[str, Any] = client.callback(headers, body)
    assert told, "the client does not believe the notice"
    return told


def test_a_shop_sells_by_the_client_that_it_has(sdk: Sdk, receiver: Receiver, tmp_path: Path) -> None:
    shop, client = sdk.shop, sdk.by_certificate(tmp_path / "certs", notify_url=receiver.url)
    phone = phone_of(shop)

    code = read(client.pay(description="两杯茶", out_trade_no="order-0001", amount={"total": 1250}))["code_url"]
    assert read(client.query(out_trade_no="order-0001"))["trade_state"] == "NOTPAY"
    assert phone.scan(code)["amount_minor"] == 1250
    phone.pay(code)

    paid = read(client.query(out_trade_no="order-0001"))
    assert (paid["trade_state"], paid["amount"]["payer_total"]) == ("SUCCESS", 1250)
    assert read(client.query(transaction_id=paid["transaction_id"])) == paid
    assert send_notices(shop) == 1
    told = heard(client, receiver)
    assert (told["event_type"], told["resource"]) == ("TRANSACTION.SUCCESS", paid)

    asked = {"refund": 400, "total": 1250, "currency": "CNY"}
    given = read(client.refund(out_refund_no="back-1", out_trade_no="order-0001", amount=asked, reason="一杯凉了"))
    assert (given["status"], given["amount"]["refund"]) == ("SUCCESS", 400)
    assert read(client.query_refund("back-1")) == given
    assert send_notices(shop) == 1
    told = heard(client, receiver)
    assert (told["event_type"], told["resource"]["out_refund_no"]) == ("REFUND.SUCCESS", "back-1")
    assert read(client.query(out_trade_no="order-0001"))["trade_state"] == "REFUND"
    assert phone.balance()["balance_minor"] == 100_000 - 1250 + 400


def test_a_client_by_public_key_closes_and_is_told_by_that_key(sdk: Sdk, receiver: Receiver) -> None:
    client = sdk.by_public_key(notify_url=receiver.url)
    client._core._update_certificates()
    assert [f"{each.serial_number:X}" for each in client._core._certificates] == [
        sdk.shop.app.extensions["saoma_wechatpay"].signer().platform.serial
    ]

    read(client.pay(description="tea", out_trade_no="order-0002", amount={"total": 100}))
    assert client.close("order-0002") == (204, b"")
    assert read(client.query(out_trade_no="order-0002"))["trade_state"] == "CLOSED"
    assert read(client.close("order-0002"), 400)["code"] == "ORDER_CLOSED"

    code = read(client.pay(description="tea", out_trade_no="order-0003", amount={"total": 100}))["code_url"]
    phone_of(sdk.shop).pay(code)
    assert read(client.close("order-0003"), 400)["code"] == "ORDERPAID"
    send_notices(sdk.shop)
    assert receiver.notices[-1][0]["Wechatpay-Serial"] == sdk.settings["public_key_id"]
    assert heard(client, receiver)["resource"]["out_trade_no"] == "order-0003"


def test_the_bills_of_a_day_are_downloaded_and_have_the_hash_that_was_told(sdk: Sdk, tmp_path: Path) -> None:
    shop, client = sdk.shop, sdk.by_certificate(tmp_path / "certs", notify_url="http://127.0.0.1:9/never")
    code = read(client.pay(description="tea", out_trade_no="order-0004", amount={"total": 1250}))["code_url"]
    phone_of(shop).pay(code)
    today = shop.store.read(lambda reader: reader.now)
    day = trades.beijing(today)[:10]
    shop.world.pass_time(2 * 86_400)

    offered = read(client.trade_bill(day))
    status, packed = client.download_bill(offered["download_url"])
    assert status == 200
    bill = gzip.decompress(packed)
    assert hashlib.sha1(bill).hexdigest() == offered["hash_value"]
    assert "`order-0004" in bill.decode()
    status, flow = client.download_bill(read(client.fundflow_bill(day, tar_type=""))["download_url"])
    assert status == 200
    assert "`12.50" in flow.decode()
