"""The doors of /v1 by which a program makes its shop a merchant of WeChat Pay, and has everything that an SDK wants."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from merchant import service
from merchant.api import entry
from merchant.api.description import TEXT, TIME, described, form, named
from merchant.checkout import afterwards
from merchant.wechatpay import certificates, merchants
from merchant.wechatpay.certificates import Certified
from merchant.wechatpay.entry import PREFIX, keeper
from merchant.wechatpay.merchants import Merchant
from shared import clock
from shared.db.unit import UnitOfWork

doors = entry.doors_of("wechatpay_merchant")
_SHOWN = {
    "object": named("wechatpay_merchant"),
    "mchid": TEXT,
    "appid": TEXT,
    "serial_no": TEXT,
    "gateway": TEXT,
    "platform_serial_no": TEXT,
    "platform_certificate": TEXT,
    "platform_public_key_id": TEXT,
    "platform_public_key": TEXT,
    "created_at": TIME,
}
MERCHANT = form("wechatpay_merchant", **_SHOWN)
WITH_KEYS = form("wechatpay_merchant_with_keys", **_SHOWN, private_key=TEXT, apiv3_key=TEXT)


@doors.post("/wechatpay_merchant")
@entry.allows("wechatpay_merchant:write", status=201)
@described("Make the shop a WeChat Pay merchant", answers={201: WITH_KEYS})
def make_merchant() -> tuple[Response, int]:
    """A merchant number, a certificate with its `private_key` (PEM) and the `apiv3_key`: what an SDK is set up with.

    Both keys are shown here and never again. A shop that is a merchant keeps its number and gets new ones; the old ones
    are worthless at once.
    """
    given = entry.optional_body().only()
    mchid = merchants.new_mchid()
    fresh, api_key = merchants.new_certificate(mchid), merchants.new_api_key()
    shop_id, seen = entry.shop().id, _platform()

    def make(uow: UnitOfWork, *, secret: bytes) -> dict[str, Any]:
        made = merchants.enlist(uow, shop_id=shop_id, mchid=mchid, certified=fresh, api_key=api_key, secret=secret)
        return _with_keys(_told(made, seen), fresh, api_key)

    return jsonify(afterwards.run_once_secretly(shop_id, given, make, secret=service.secret())), 201


@doors.get("/wechatpay_merchant")
@entry.allows("wechatpay_merchant:read")
@described("Read the shop's WeChat Pay merchant", answers={200: MERCHANT}, refuses=("no_wechatpay_merchant",))
def show_merchant() -> Response:
    """Everything but the two keys that were shown once."""
    return jsonify(_told(service.read(merchants.of_shop, shop_id=entry.shop().id), _platform()))


def _platform() -> dict[str, str]:
    """What a client knows the platform by, and where it reaches it."""
    found = keeper().signer().platform
    return {
        "gateway": request.host_url.rstrip("/") + PREFIX,
        "platform_serial_no": found.serial,
        "platform_certificate": found.certificate,
        "platform_public_key_id": found.public_key_id,
        "platform_public_key": certificates.public_pem(found.certificate),
    }


def _told(found: Merchant, platform: dict[str, str]) -> dict[str, Any]:
    return {
        "object": "wechatpay_merchant",
        "mchid": found.mchid,
        "appid": found.appid,
        "serial_no": found.serial,
        **platform,
        "created_at": clock.rfc3339(found.created_at),
    }


def _with_keys(told: dict[str, Any], fresh: Certified, api_key: str) -> dict[str, Any]:
    return told | {"private_key": fresh.private_key, "apiv3_key": api_key}
