"""What a merchant may say in a request: the type, length and alphabet of each field, and how it is refused."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import request

from merchant.wechatpay import refusals
from merchant.wechatpay.merchants import Merchant
from merchant.wechatpay.refusals import Refusal
from shared.db.once import body_hash

LONGEST_URL = 255
MOST_FEN = 10**12
_NUMBER = re.compile(r"[0-9A-Za-z_\-|*]+", re.ASCII)
_DEEPEST = 8
_MISSING = object()


class Fields:
    """A JSON object from outside, read field by field; `at` is the JSON pointer of the object."""

    def __init__(self, values: dict[str, Any], at: str = "") -> None:
        self._values = values
        self._at = at

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._values.get(name) is not None

    def as_dict(self) -> dict[str, Any]:
        """All fields as they came."""
        return dict(self._values)

    def refused(self, name: str, issue: str) -> Refusal:
        """The refusal of a field."""
        return refusals.bad_field(f"{self._at}/{name}", issue, value=self._values.get(name, ""))

    def text(self, name: str, *, longest: int, shortest: int = 1) -> str:
        """A text of so many characters that a database can take."""
        value = self._values.get(name, _MISSING)
        if value is _MISSING or value is None:
            raise self.refused(name, "缺少必填字段")
        if not isinstance(value, str) or "\0" in value or value.encode("utf-8", "replace").decode() != value:
            raise self.refused(name, "应为字符串")
        if not shortest <= len(value) <= longest:
            raise self.refused(name, f"长度应为{shortest}-{longest}个字符")
        return value

    def optional_text(self, name: str, *, longest: int) -> str:
        """A text, or an empty one where the field is missing, null or empty."""
        return self.text(name, longest=longest, shortest=0) if self.has(name) else ""

    def amount(self, name: str) -> int:
        """An amount in fen: an integer of 1 or more."""
        value = self._values.get(name, _MISSING)
        if value is _MISSING or value is None:
            raise self.refused(name, "缺少必填字段")
        if type(value) is not int:
            raise self.refused(name, "应为整数，单位为分")
        if not 1 <= value <= MOST_FEN:
            raise self.refused(name, "应为大于0的整数，单位为分")
        return value

    def number(self, name: str, *, shortest: int, longest: int) -> str:
        """A merchant's own number: digits, letters and `_-|*`."""
        return checked_number(self.text(name, longest=256, shortest=0), f"{self._at}/{name}", shortest, longest)

    def part(self, name: str) -> Fields:
        """An object inside the object."""
        value = self._values.get(name, _MISSING)
        if not isinstance(value, dict):
            raise self.refused(name, "缺少必填字段" if value in (_MISSING, None) else "应为对象")
        return Fields(value, f"{self._at}/{name}")

    def optional_part(self, name: str) -> Fields | None:
        """An object inside the object, or None."""
        return self.part(name) if self.has(name) else None

    def url(self, name: str) -> str:
        """An address that notices go to: http or https, without a query, as WeChat Pay wants it."""
        value = self.text(name, longest=LONGEST_URL)
        try:
            parts = urlsplit(value)
            is_fine = (
                parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
            )
        except ValueError:
            is_fine = False
        if not is_fine or not value.isprintable() or " " in value:
            raise self.refused(name, "应为http或https开头的完整地址")
        if parts.query or parts.fragment:
            raise self.refused(name, "通知地址不能携带参数")
        return value

    def time(self, name: str) -> int:
        """A time in RFC 3339 with its zone; milliseconds."""
        value = self.text(name, longest=64)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise self.refused(name, "应为rfc3339格式的时间") from None
        if moment.tzinfo is None or "T" not in value:
            raise self.refused(name, "应为rfc3339格式的时间")
        return round(moment.timestamp() * 1000)


def read() -> Fields:
    """The JSON object that the request carries."""
    try:
        value = json.loads(request.get_data().decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise refusals.bad_field("body", "不是合法的JSON") from None
    if not isinstance(value, dict):
        raise refusals.bad_field("body", "应为JSON对象")
    if not _is_shallow(value, _DEEPEST):
        raise refusals.bad_field("body", "嵌套过深")
    return Fields(value)


def fingerprint(given: Fields) -> str:
    """By what a request is known again that comes twice."""
    return body_hash(json.dumps(given.as_dict(), sort_keys=True).encode())


def checked_number(text: str, field: str, shortest: int, longest: int, *, location: str = "body") -> str:
    """A merchant's own number, wherever it stands."""
    if not shortest <= len(text) <= longest:
        raise refusals.bad_field(field, f"长度应为{shortest}-{longest}个字符", value=text, location=location)
    if not _NUMBER.fullmatch(text):
        raise refusals.bad_field(field, "只能是数字、大小写字母_-|*", value=text, location=location)
    return text


def asked_for(merchant: Merchant, mchid: str, *, location: str = "query") -> None:
    """Refuse a request that names another merchant than the one that signed it."""
    if not mchid:
        raise refusals.bad_field("mchid", "缺少必填字段", location=location)
    if mchid != merchant.mchid:
        raise refusals.bad_field("mchid", "与签名的商户号不一致", value=mchid, location=location)


def of_app(merchant: Merchant, given: Fields) -> str:
    """The appid, when it is this merchant's."""
    appid = given.text("appid", longest=32)
    if appid != merchant.appid:
        raise Refusal(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配", {"field": "/appid", "value": appid})
    return appid


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _is_shallow(value: object, left: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    inside = value.values() if isinstance(value, dict) else value
    return left > 0 and all(_is_shallow(each, left - 1) for each in inside)
