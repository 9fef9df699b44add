"""Addresses of and around a hosted page: its own, the one it leads back to, the one origin that may frame it."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from shared.errors import BadInput

LONGEST_URL = 2048
_FIT = re.compile(r"[!-~]+\Z")
"""An address as it travels: no spaces, no control characters, nothing beyond ASCII."""
_HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*|\[[0-9a-f:.]+\])\Z"
)


class BadReturnUrl(BadInput):
    """An address to come back to must be http or https, with a host and without a password, in 2048 characters."""

    code = "bad_return_url"


class BadEmbedOrigin(BadInput):
    """An origin is a scheme (http or https), a host and perhaps a port, and nothing after it."""

    code = "bad_embed_origin"


def page_url(merchant_url: str, intent_id: str) -> str:
    """Where the hosted page of an intent is."""
    return f"{merchant_url}/pay/{intent_id}"


def checked_return_url(text: str) -> str:
    """The address, when a browser can be led there; `bad_return_url` otherwise."""
    if not _is_web_address(text):
        raise BadReturnUrl()
    return text


def checked_origin(text: str) -> str:
    """The origin as browsers write it, `https://shop.example`; `bad_embed_origin` otherwise."""
    if not _is_web_address(text):
        raise BadEmbedOrigin()
    parts = urlsplit(text)
    if parts.path not in ("", "/") or "?" in text or "#" in text:
        raise BadEmbedOrigin()
    return f"{parts.scheme}://{parts.netloc.lower()}"


def with_outcome(return_url: str, intent_id: str, status: str) -> str:
    """The shop's address with what became of the payment; a hint for its page, never a proof."""
    parts = urlsplit(return_url)
    told = {"payment_intent": intent_id, "status": status}
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in told]
    return urlunsplit(parts._replace(query=urlencode([*query, *told.items()])))


def _is_web_address(text: str) -> bool:
    if not (len(text) <= LONGEST_URL and _FIT.match(text)) or set(text) & set("\\\"'<>`{}|^;,"):
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    has_place = parts.scheme in ("http", "https") and "@" not in parts.netloc and port != 0
    host = parts.netloc.lower().removesuffix(f":{port}") if port else parts.netloc.lower()
    return has_place and _HOST.match(host) is not None
