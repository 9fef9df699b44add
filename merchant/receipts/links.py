"""A receipt's address: the payment's id with a mark that only this installation can make, so that nobody guesses one.

Nothing is stored: whoever holds the link sees the receipt, and the same payment has the same link for ever. Pure.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from shared import ids
from shared.errors import NotFound

_MARK_BYTES = 12
_CONTEXT = b"saoma-receipt\0"


class UnknownReceipt(NotFound):
    """No receipt has this address."""

    code = "unknown_receipt"


def token(intent_id: str, secret: bytes) -> str:
    """The last part of a receipt's address: 38 characters."""
    raw = ids.id_bytes(intent_id)
    return base64.urlsafe_b64encode(raw + _mark(raw, secret)).decode().rstrip("=")


def path(intent_id: str, secret: bytes) -> str:
    """A receipt's path within the till's service, without a leading slash."""
    return "r/" + token(intent_id, secret)


def opened(text: str, secret: bytes) -> str:
    """The payment whose receipt has this token; `unknown_receipt` for any other text."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise UnknownReceipt() from None
    name, mark = raw[:16], raw[16:]
    if len(raw) != 16 + _MARK_BYTES or not hmac.compare_digest(mark, _mark(name, secret)):
        raise UnknownReceipt()
    return ids.id_from_bytes("pi", name)


def _mark(raw: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, _CONTEXT + raw, hashlib.sha256).digest()[:_MARK_BYTES]
