"""Where a bill can be fetched: a token in the address says which one, whose it is, and until when.

Nothing is kept for it: the token is sealed with the installation's secret, and the bill is made again.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

from merchant.wechatpay import refusals
from shared.web.secrets import derived

GOOD_FOR_S = 300
TRADE, FLOW = "trade", "flow"
_SEAL_BYTES = 16


@dataclass(frozen=True, slots=True)
class Bill:
    """Which bill: `of_type` is ALL, SUCCESS or REFUND for a trade bill, the account for a fund-flow bill."""

    mchid: str
    kind: str
    date: str
    of_type: str
    is_packed: bool


def token(bill: Bill, *, now: int, secret: bytes) -> str:
    """What the download address carries, good for five minutes from `now` (ms)."""
    packed = "gz" if bill.is_packed else ""
    told = "|".join((bill.mchid, bill.kind, bill.date, bill.of_type, packed, str(now // 1000 + GOOD_FOR_S)))
    return base64.urlsafe_b64encode(_seal(told, secret) + told.encode()).decode().rstrip("=")


def opened(text: str, *, now: int, secret: bytes) -> Bill:
    """The bill that a token names; `INVALID_REQUEST` when it is none of ours or its time is over."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        seal, told = raw[:_SEAL_BYTES], raw[_SEAL_BYTES:].decode()
    except (binascii.Error, ValueError):
        raise refusals.invalid_request("账单下载地址无效，请重新申请账单") from None
    if not hmac.compare_digest(seal, _seal(told, secret)):
        raise refusals.invalid_request("账单下载地址无效，请重新申请账单")
    mchid, kind, date, of_type, packed, ends_s = told.split("|")
    if now // 1000 > int(ends_s):
        raise refusals.invalid_request("账单下载地址已过期，请重新申请账单")
    return Bill(mchid, kind, date, of_type, packed == "gz")


def _seal(told: str, secret: bytes) -> bytes:
    return hmac.new(derived(secret, "wechatpay bills"), told.encode(), hashlib.sha256).digest()[:_SEAL_BYTES]
