"""What a code of somebody else's seems to be, so that a page can say "this is a Wi-Fi password, not a payment code".

A guess from the first characters, for a sentence only: nothing is parsed, opened or followed.
"""

from __future__ import annotations

import re

_LOOKS = (
    ("weixin", r"weixin:|wxp:|https?://(?:u\.wechat|payapp\.weixin|weixin)\b"),
    ("alipay", r"alipays?:|https?://qr\.alipay\.com\b"),
    ("lightning", r"lightning:|lnurl1|lnbc[0-9a-z]|lnurl[pwc]:"),
    ("bitcoin", r"bitcoin:|bc1[0-9a-z]{20}"),
    ("taler", r"(?:ext\+)?(?:web\+)?taler(?:\+http)?:"),
    ("upi", r"upi:"),
    ("emvco", r"000201|hqv[dbc]"),
    ("epc", r"bcd\r?\n00"),
    ("swiss_bill", r"spc\r?\n02"),
    ("wifi", r"wifi:"),
    ("person", r"begin:vcard|mecard:|bizcard:"),
    ("phone_number", r"tel:|smsto?:"),
    ("email", r"mailto:|matmsg:"),
    ("place", r"geo:"),
    ("event", r"begin:vevent|begin:vcalendar"),
    ("one_time_password", r"otpauth"),
    ("sign_in", r"fido:/"),
    ("health", r"hc1:|shc:/"),
    ("web_page", r"https?://"),
    ("number", r"[0-9]+\Z"),
)
_PATTERNS = tuple((kind, re.compile(look, re.ASCII | re.IGNORECASE)) for kind, look in _LOOKS)

KINDS = (*(kind for kind, _ in _LOOKS), "unknown")
"""Every kind there is; each has a sentence `foreign.<kind>` in the catalogue."""


def kind_of(text: str) -> str:
    """One of `KINDS`."""
    return next((kind for kind, pattern in _PATTERNS if pattern.match(text)), "unknown")
