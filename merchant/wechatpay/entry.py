"""How a merchant's programs come in: every request is signed by the merchant, every answer by the platform.

The doors stand under `/wechatpay/v3`, and under `/v3` as well, for SDKs whose host cannot be changed and who are led
here by a hosts entry. A signature counts over the address as the client spelt it, with or without `/wechatpay`.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from urllib.parse import quote

from flask import Blueprint, Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from merchant import service
from merchant.api.entry import limiter
from merchant.wechatpay import merchants, notices, platform, refusals, signing
from merchant.wechatpay.merchants import Merchant
from merchant.wechatpay.refusals import Refusal
from shared import clock
from shared.db.unit import Reader
from shared.errors import DomainError
from shared.web import request_ids, wire

PREFIX = "/wechatpay"
CLOCK_SKEW_S = 300
LARGEST_BODY = 64 * 1024
_NONCES_KEPT = 100_000
_PUBLIC_KEY_ID = "PUB_KEY_ID_"
_log = logging.getLogger("saoma")


def doors_of(name: str) -> Blueprint:
    """Doors under `/v3` that open by a merchant's signature alone; cookies count for nothing there."""
    doors = Blueprint(name, __name__)
    doors.before_request(identify)
    doors.after_request(sign)
    doors.register_error_handler(Refusal, refused)
    doors.register_error_handler(DomainError, lambda error: refused(refusals.translated(error)))
    doors.register_error_handler(HTTPException, _http)
    doors.register_error_handler(Exception, _broken)
    return doors


def install(app: Flask, *blueprints: Blueprint) -> None:
    """Hang the doors in under both addresses, with the platform's key behind them."""
    app.extensions["saoma_wechatpay"] = platform.Keeper(app.extensions["saoma_store"], app.config["SAOMA_SECRET_BYTES"])
    app.extensions["saoma_wechatpay_nonces"] = Nonces()
    notices.install()
    for doors in blueprints:
        app.register_blueprint(doors, url_prefix=f"{PREFIX}/v3")
        app.register_blueprint(doors, url_prefix="/v3", name=f"{doors.name}_at_the_root")


def keeper() -> platform.Keeper:
    """The platform's key, unlocked once a process."""
    found: platform.Keeper = current_app.extensions["saoma_wechatpay"]
    return found


def merchant() -> Merchant:
    """The merchant whose program is asking."""
    found: Merchant = g.wechatpay_merchant
    return found


def is_by_public_key() -> bool:
    """Whether the caller verifies by the platform's public key, and not by its certificate."""
    return request.headers.get("Wechatpay-Serial", "").startswith(_PUBLIC_KEY_ID)


def base_url() -> str:
    """The address that this caller reaches the doors at, without `/v3`: for addresses inside answers."""
    return request.host_url.rstrip("/") + request.path.partition("/v3/")[0]


def answer(body: object, status: int = 200) -> Response:
    """A JSON answer; `sign` signs it on its way out."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, content_type="application/json; charset=utf-8")


def unsigned(response: Response) -> Response:
    """An answer that goes out without a signature: a file, whose hash was signed before."""
    g.wechatpay_unsigned = True
    return response


def refused(error: Refusal) -> Response:
    """The answer that tells of a refusal."""
    return answer(error.as_json(), error.status)


def identify() -> None:
    """Find the merchant, and make sure that it signed this very request, now, and not before."""
    request.max_content_length = LARGEST_BODY
    given = signing.parsed(request.headers.get("Authorization", ""))
    if given is None:
        raise refusals.bad_signature(
            "Http头缺少认证类型或签名信息，请参考文档中的认证规范", "missing or malformed header"
        )
    found, offset_ms = service.read(_merchant_and_offset, mchid=given.mchid)
    if found is None:
        raise Refusal(401, "MCH_NOT_EXISTS", "商户号不存在", {"field": "mchid", "location": "authorization"})
    wire.about(shop_id=found.shop_id)
    if given.serial.upper() != found.serial:
        raise refusals.bad_signature("商户证书序列号有误", "serial_no is not this merchant's")
    now_s = clock.system_now() // 1000
    if min(abs(given.timestamp - now_s), abs(given.timestamp - now_s - offset_ms // 1000)) > CLOCK_SKEW_S:
        raise refusals.bad_signature(
            "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟", "timestamp expired"
        )
    _check_signature(given, found)
    nonces: Nonces = current_app.extensions["saoma_wechatpay_nonces"]
    if not 1 <= len(given.nonce) <= 128 or not nonces.is_fresh(f"{given.mchid} {given.nonce}"):
        raise refusals.bad_signature("随机串已被使用，请勿重放请求", "nonce_str was used before")
    may, _ = limiter().take(f"wechatpay {given.mchid}")
    if not may:
        raise refusals.too_often()
    g.wechatpay_merchant = found


def sign(response: Response) -> Response:
    """Sign what is answered, whatever it is."""
    response.headers["Request-ID"] = request_ids.current()
    if not g.get("wechatpay_unsigned"):
        body = response.get_data().decode("utf-8", "replace")
        response.headers.update(keeper().signer().headers(body, by_public_key=is_by_public_key()))
    return response


class Nonces:
    """The random texts of the last requests: a request that comes again within its ten minutes is a replay.

    Each process remembers its own, in memory: whoever replays at another one meets the merchant's own numbers, under
    which nothing is done twice.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._guard = threading.Lock()

    def is_fresh(self, nonce: str) -> bool:
        """Whether it did not come before; it is remembered."""
        now = time.monotonic()
        with self._guard:
            while self._seen and (
                len(self._seen) >= _NONCES_KEPT or next(iter(self._seen.values())) < now - 2 * CLOCK_SKEW_S
            ):
                self._seen.popitem(last=False)
            if nonce in self._seen:
                return False
            self._seen[nonce] = now
            return True


def _merchant_and_offset(reader: Reader, *, mchid: str) -> tuple[Merchant | None, int]:
    return merchants.find(reader, mchid=mchid), reader.now - clock.system_now()


def _check_signature(given: signing.Authorization, found: Merchant) -> None:
    body = request.get_data().decode("utf-8", "replace")
    rest = str(given.timestamp), given.nonce, body
    for address in _addresses():
        if signing.is_signed(found.certificate, signing.lines(request.method, address, *rest), given.signature):
            return
    address = next(_addresses())
    message = signing.lines(request.method, address, *rest).decode()
    raise refusals.bad_signature(
        "错误的签名，验签失败",
        "sign not match",
        {
            "method": request.method,
            "url": address,
            "truncated_sign_message": message[:1024],
            "sign_message_length": len(message),
        },
    )


def _addresses() -> Iterator[str]:
    """The request's address in every way that a client may have signed it, the likeliest first."""
    query = request.query_string.decode("latin-1")
    tail = f"?{query}" if query else ""
    path = request.path
    paths = [path.removeprefix(PREFIX), path] if path.startswith(PREFIX) else [path, PREFIX + path]
    seen: set[str] = set()
    for spelt in (quote(each, safe=safe) for safe in ("/*-_|~.:@!$&'()+,;=%", "/*-_~.:@", "/-_~.") for each in paths):
        if spelt not in seen:
            seen.add(spelt)
            yield spelt + tail


def _http(error: HTTPException) -> Response:
    if error.code == 404:
        return refused(refusals.unknown_thing())
    if error.code in (405, 415):
        return refused(Refusal(error.code, "PARAM_ERROR", error.name))
    if error.code == 413:
        return refused(Refusal(400, "PARAM_ERROR", "请求包体过大"))
    if error.code == 400:
        return refused(refusals.bad_field("body", "不是合法的请求"))
    return refused(refusals.in_trouble(error.code or 500))


def _broken(error: Exception) -> Response:
    _log.exception("unexpected error in %s %s", request.method, request.path, exc_info=error)
    return refused(refusals.in_trouble())
