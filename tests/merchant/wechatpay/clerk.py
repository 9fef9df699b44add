"""A merchant's program at WeChat Pay's doors, signing by itself: for what no SDK would send, and for cheap tests."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from merchant.wechatpay import certificates, merchants, platform, signing
from tests.merchant.shop import Shop
from tests.world import SECRET


@dataclass
class Clerk:
    """A program of one merchant: what it sends is signed with the merchant's key."""

    client: FlaskClient
    mchid: str
    appid: str
    serial: str
    key: RSAPrivateKey

    def get(self, path: str) -> TestResponse:
        """Ask for `path`, which begins with `/v3`."""
        return self.send("GET", path, b"")

    def post(self, path: str, body: dict[str, Any]) -> TestResponse:
        """Send a JSON object to `path`."""
        return self.send("POST", path, json.dumps(body).encode())

    def send(self, method: str, path: str, body: bytes) -> TestResponse:
        """One signed request, whatever the body."""
        now, nonce = str(int(time.time())), secrets.token_hex(16)
        signature = signing.signed(self.key, signing.lines(method, path, now, nonce, body.decode()))
        told = (
            f'mchid="{self.mchid}",nonce_str="{nonce}",signature="{signature}",timestamp="{now}",'
            f'serial_no="{self.serial}"'
        )
        headers = {"Authorization": f"{signing.SCHEME} {told}", "Content-Type": "application/json"}
        return self.client.open(f"/wechatpay{path}", method=method, data=body, headers=headers)

    def code_pay(self, auth_code: str, number: str = "order-0001", fen: int = 1250, **more: Any) -> TestResponse:
        """Charge a customer's code."""
        asked = {
            "appid": self.appid, "mchid": self.mchid, "description": "Oolong", "out_trade_no": number,
            "payer": {"auth_code": auth_code}, "amount": {"total": fen, "currency": "CNY"},
            "scene_info": {"store_info": {"id": "0001"}},
        }  # fmt: skip
        return self.post("/v3/pay/transactions/codepay", asked | more)

    def query(self, number: str = "order-0001") -> dict[str, Any]:
        """How an order stands."""
        told: dict[str, Any] = self.get(f"/v3/pay/transactions/out-trade-no/{number}?mchid={self.mchid}").get_json()
        return told

    def reverse(self, number: str = "order-0001") -> TestResponse:
        """Take an order back."""
        named = {"appid": self.appid, "mchid": self.mchid}
        return self.post(f"/v3/pay/transactions/out-trade-no/{number}/reverse", named)


@lru_cache
def _made(name: str) -> certificates.Certified:
    """A key of the tests: making one takes long, so all shops have the same."""
    return certificates.certified(name)


def hired(shop: Shop, shop_id: str = "") -> Clerk:
    """A program of the shop, or of another one of its world, which becomes a merchant for it."""
    made = _made("merchant")
    shop.store.run(platform.settle_on, fresh=_made("platform"), secret=SECRET)
    found = shop.store.run(
        merchants.enlist,
        shop_id=shop_id or shop.party.id,
        mchid=merchants.new_mchid(),
        certified=made,
        api_key=merchants.new_api_key(),
        secret=SECRET,
    )
    key = certificates.private_key(made.private_key.encode())
    return Clerk(shop.app.test_client(), found.mchid, found.appid, found.serial, key)
