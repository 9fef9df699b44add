"""What every door of the wallet reaches for: its service, and the text around a frame."""

from __future__ import annotations

from shared.codes import frame as frames
from shared.web.service import address, config, read, run, secret, store, unit

__all__ = ["address", "code_text", "config", "read", "run", "secret", "store", "unit"]


def code_text(frame: bytes) -> str:
    """A frame as the text that is drawn: a link to the wallet's public address, never to a persona's."""
    return frames.code_text(config().wallet_url, frame)
