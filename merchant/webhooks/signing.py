"""Signatures by the Standard Webhooks specification: `v1,` and the HMAC-SHA256 of `id.timestamp.body`, in base64.

An endpoint's secret is derived from the installation's own, from its id and from how often it was rotated.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from shared.web.secrets import derived

PREFIX = "whsec_"


def secret_of(installation: bytes, *, endpoint_id: str, generation: int) -> bytes:
    """The 32 bytes that this endpoint's messages are signed with."""
    return derived(installation, f"webhook {endpoint_id} {generation}")


def shown(secret: bytes) -> str:
    """A secret as a shop's program is given it: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secret).decode()


def signed(secrets: Sequence[bytes], *, message_id: str, at_s: int, body: bytes) -> dict[str, str]:
    """The three headers of a message; one signature for each secret, the newest first."""
    content = f"{message_id}.{at_s}.".encode() + body
    signatures = [base64.b64encode(hmac.new(each, content, hashlib.sha256).digest()).decode() for each in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
