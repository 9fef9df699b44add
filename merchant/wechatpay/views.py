"""The doors of WeChat Pay API v3: certificates, orders, refunds."""

from __future__ import annotations

from flask import Response

from merchant import service
from merchant.wechatpay import certificates, entry, refusals, signing

doors = entry.doors_of("wechatpay")


@doors.get("/certificates")
def show_certificates() -> Response:
    """The platform's certificate, encrypted with the merchant's API v3 key."""
    platform = entry.keeper().signer().platform
    starts, ends = certificates.validity(platform.certificate)
    api_key = entry.merchant().api_key(service.secret())
    sealed = signing.encrypted(platform.certificate, api_key=api_key, associated_data="certificate")
    told = {
        "serial_no": platform.serial,
        "effective_time": starts.isoformat(timespec="seconds"),
        "expire_time": ends.isoformat(timespec="seconds"),
        "encrypt_certificate": sealed,
    }
    return entry.answer({"data": [told]})


@doors.route("/<path:anything>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def unknown(anything: str) -> Response:
    """What Saoma does not do of WeChat Pay's API."""
    raise refusals.unknown_thing(f"Saoma does not know /v3/{anything[:80]}")
