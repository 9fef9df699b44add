"""The frame: version, type, the sealing key's id, body and signature in 75 to 240 bytes, and the text that carries it.

Nothing here knows what a body means or whether a signature holds.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from shared.codes import digits, foreign
from shared.codes.refusals import CodeTooLong, MalformedCode, NotACode, UnknownVersion

VERSION = 1
MIN_BYTES = 75
MAX_BYTES = 240

_HEAD_BYTES = 10
_SIGNATURE_BYTES = 64
_MAX_TEXT = 2048
_MIN_DIGITS = 183
_LINK = re.compile(r"https?://[^/?#\s]+(?:/[^/?#\s]+)*/q#([0-9]+)\Z", re.ASCII | re.IGNORECASE)
_BARE = re.compile(r"[0-9]+\Z", re.ASCII)


class Frame(NamedTuple):
    """A code taken apart. `type` is any byte: whether we know it is `seal`'s question."""

    type: int
    kid: bytes
    body: bytes
    signature: bytes

    @property
    def unsigned(self) -> bytes:
        """Everything but the signature."""
        return unsigned_frame(self.type, self.kid, self.body)


def unsigned_frame(type_: int, kid: bytes, body: bytes) -> bytes:
    """What will be signed, before realm and purpose are put in front; `CodeTooLong` when a code cannot hold it."""
    size = _HEAD_BYTES + len(body) + _SIGNATURE_BYTES
    if size > MAX_BYTES:
        raise CodeTooLong(length=size)
    return bytes([VERSION, type_]) + kid + body


def split(raw: bytes) -> Frame:
    """The parts of a frame; `CodeTooLong`, `MalformedCode` (too short) or `UnknownVersion` otherwise."""
    if len(raw) > MAX_BYTES:
        raise CodeTooLong(length=len(raw))
    if len(raw) < MIN_BYTES:
        raise MalformedCode(why="cut short")
    if raw[0] != VERSION:
        raise UnknownVersion(version=raw[0])
    return Frame(raw[1], raw[2:_HEAD_BYTES], raw[_HEAD_BYTES:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:])


def code_text(base_url: str, frame: bytes) -> str:
    """The text to draw: a link to the wallet at `base_url`, whose fragment is the frame in digits."""
    return f"{base_url.rstrip('/')}/q#{digits.encode(frame)}"


def frame_of_text(text: str) -> bytes:
    """The frame in a scanned or pasted text: a link whose path ends in `/q`, or the bare digits.

    The host is never looked at, because nothing is ever fetched from it: a seal holds for a realm, not for an address.
    `NotACode` (with the `kind` of thing it seems to be) for every other text.
    """
    text = text.strip()
    if len(text) > _MAX_TEXT:
        raise NotACode(kind=foreign.kind_of(text[:_MAX_TEXT]))
    link = _LINK.match(text)
    if link:
        return digits.decode(link.group(1))
    if _BARE.match(text) and len(text) >= _MIN_DIGITS:
        return digits.decode(text)
    raise NotACode(kind=foreign.kind_of(text))
