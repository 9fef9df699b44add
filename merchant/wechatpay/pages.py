"""The page of a shop's WeChat Pay settings, the files that go with them, and the doors that its script calls.

For owners: whoever has the merchant's private key can give the shop's money back.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request

from merchant import service, signed_in
from merchant.staff.roles import Role, needs
from merchant.wechatpay import certificates, deeds, entry, merchants, snippets
from merchant.wechatpay.certificates import Certified
from merchant.wechatpay.merchants import Merchant
from merchant.wechatpay.snippets import Settings
from shared.errors import NotFound
from shared.web import body

doors = signed_in.pages("wechatpay_pages", "/developer/wechatpay")
scripts = Blueprint("wechatpay_scripts", __name__, url_prefix="/api/wechatpay")
FRONT_PORT = 443


@doors.get("")
@needs(Role.OWNER)
def settings() -> str:
    """What the shop's programs need to know, ready to be copied."""
    found = service.read(merchants.find_of_shop, shop_id=service.at().shop.id)
    if found is None:
        return render_template("till/wechatpay.html", found=None)
    told = _settings(found)
    front = snippets.fixed_host(FRONT_PORT, service.config().merchant_port)
    return render_template(
        "till/wechatpay.html", found=found, told=told, sdks=snippets.for_all(told), front=front, files=_FILES
    )


@doors.get("/files/<name>")
@needs(Role.OWNER)
def file(name: str) -> Response:
    """One of the files that an SDK reads."""
    found = service.read(merchants.of_shop, shop_id=service.at().shop.id)
    platform = entry.keeper().signer().platform
    texts = {
        "apiclient_cert.pem": found.certificate,
        "pub_key.pem": certificates.public_pem(platform.certificate),
        "wechatpay_cert.pem": platform.certificate,
    }
    if name not in texts:
        raise NotFound()
    answer = Response(texts[name], content_type="application/x-pem-file")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@scripts.post("/merchant")
@needs(Role.OWNER)
def make() -> tuple[Response, int]:
    """Make the shop a merchant; the private key, the only time that it is told."""
    body.read().only()
    mchid = merchants.new_mchid()
    made = merchants.new_certificate(mchid)
    keys = {"api_key": merchants.new_api_key(), "secret": service.secret()}
    service.run(deeds.enlist, at=service.at(), mchid=mchid, certified=made, **keys)
    return _told(made), 201


@scripts.post("/certificate")
@needs(Role.OWNER)
def renew_certificate() -> tuple[Response, int]:
    """Give the merchant another key and certificate; the old ones are worthless. The private key, once."""
    body.read().only()
    at = service.at()
    made = merchants.new_certificate(service.read(merchants.of_shop, shop_id=at.shop.id).mchid)
    service.run(deeds.renew_certificate, at=at, certified=made)
    return _told(made), 201


@scripts.post("/api-key")
@needs(Role.OWNER)
def renew_api_key() -> Response:
    """Give the merchant another API v3 key."""
    body.read().only()
    service.run(deeds.renew_api_key, at=service.at(), api_key=merchants.new_api_key(), secret=service.secret())
    return jsonify({})


_FILES = {
    "apiclient_cert.pem": "wechatpay.file_merchant",
    "pub_key.pem": "wechatpay.file_public_key",
    "wechatpay_cert.pem": "wechatpay.file_platform",
}
"""The files that can be had at any time, and by which sentence each is explained."""


def _settings(found: Merchant) -> Settings:
    platform = entry.keeper().signer().platform
    return Settings(
        till=request.host_url.rstrip("/"),
        mchid=found.mchid,
        appid=found.appid,
        serial=found.serial,
        api_key=found.api_key(service.secret()),
        platform_serial=platform.serial,
        public_key_id=platform.public_key_id,
    )


def _told(made: Certified) -> Response:
    return jsonify({"serial": made.serial, "private_key": made.private_key})
