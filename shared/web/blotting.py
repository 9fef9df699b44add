"""What may be kept of a request and its answer: texts with secrets blotted out, cut to a length. Pure.

A value is a secret by the name that it goes under in JSON, or by what it looks like wherever it stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

LONGEST = 8 * 1024
"""Characters of a body that are kept."""
_READ = 64 * 1024
BLOT = "•••"
_WORDS = r"(?:[a-z0-9]+[_-])*(?:pin|token|session|ticket|confirmation|cookie)(?:[_-][a-z0-9]+)*"
_PARTS = r"[a-z0-9_-]*(?:passw(?:or)?d|secret|private_?key|api_?key|apiv3_?key|api_v3_key)[a-z0-9_-]*"
_NAME = rf'("(?:{_WORDS}|{_PARTS})"\s*:\s*)'
_NAMED = re.compile(rf'{_NAME}"(?:[^"\\]|\\.)*(?:"|\\?\Z)', re.I)
_NUMBERED = re.compile(rf"{_NAME}-?\d+", re.I)
_KEYS = re.compile(r"\b((?:sk|rk|whsec)_(?:test_|live_)?)[A-Za-z0-9+/=_-]{8,}")
_PEM = re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END|\Z)", re.S)
_INTENTS = re.compile(r"pi_[0-7][0-9a-hjkmnp-tv-z]{25}\b")
_HINTS = ("pin", "token", "session", "ticket", "confirmation", "cookie", "passw", "secret", "key")
_STARTS = ("sk_", "rk_", "whsec_")
"""Without one of these a text has nothing to blot out: looking for them costs a hundredth of looking closely."""
_SHOWN_DIGITS = 4
_OF_PHONES = (
    "text", "order", "presented", "kind", "state", "status", "intent", "amount_minor", "currency", "memo", "reference",
    "capture_method", "transfer", "seq", "at", "is_replay", "code",
)  # fmt: skip


def body(raw: bytes) -> str:
    """A body as it may be kept: as sent, but for its secrets, and cut at `LONGEST` characters with a mark."""
    text = raw[:_READ].decode("utf-8", errors="replace").replace("\0", "\ufffd")
    clean = _blotted(_plain(text))
    return clean if len(clean) <= LONGEST and len(raw) <= _READ else clean[:LONGEST] + "…"


def of_phone(raw: bytes) -> str:
    """What a shop may see of a body that its customer's phone sent or got: what is said of the payment alone."""
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        return ""
    return json.dumps({name: told[name] for name in _OF_PHONES if name in told}) if isinstance(told, dict) else ""


def headers(given: Mapping[str, str]) -> dict[str, str]:
    """Headers as they may be kept: a bearer's key by its kind and its last digits alone."""
    may_keep = {"Authorization": _authorization}
    return {name: may_keep.get(name, _keyless)(value) for name, value in given.items()}


def path(text: str) -> str:
    """A path with its query, without keys."""
    return _keyless(text[:500].replace("\0", "\ufffd"))


def whole(text: str) -> str:
    """A text without halves of characters, which JSON can name and no database or page can take."""
    return text.encode("utf-8", errors="replace").decode().replace("\0", "\ufffd")


def only_intent(*texts: str) -> str:
    """The payment intent that a call names, where it names one alone; empty otherwise."""
    for found in (set(_INTENTS.findall(text)) for text in texts):
        if found:
            return found.pop() if len(found) == 1 else ""
    return ""


def _authorization(value: str) -> str:
    """What stands after `Bearer` is the key; of WeChat Pay's signed requests nothing is secret."""
    kind, _, given = value.partition(" ")
    if kind.upper().startswith("WECHATPAY2"):
        return value[:1000]
    if not given or not kind.isalpha():
        return BLOT  # no scheme and its value: this may be a key as it is
    start = given[: given.find("_test_") + 6] if "_test_" in given[:12] else ""
    return f"{kind} {start}{BLOT}{given[-_SHOWN_DIGITS:] if len(given) > 24 else ''}"


def _plain(text: str) -> str:
    """JSON whose names are written with escapes, as it means: `"p\\u0069n"` is a PIN too."""
    if "\\u" in text:
        try:
            return whole(json.dumps(json.loads(text), ensure_ascii=False))
        except (ValueError, RecursionError):
            return text.replace("\\u", "\\ u")
    return text


def _blotted(text: str) -> str:
    small = text.lower()
    if any(hint in small for hint in _HINTS):
        text = _NAMED.sub(rf'\1"{BLOT}"', text)
        text = _NUMBERED.sub(rf'\1"{BLOT}"', text)
        text = _PEM.sub(rf"\1 {BLOT} \2", text)
    return _keyless(text)


def _keyless(text: str) -> str:
    return _KEYS.sub(rf"\1{BLOT}", text) if any(start in text for start in _STARTS) else text
