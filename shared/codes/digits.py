"""Bytes as decimal digits and back: what a QR code's numeric segment carries with the least loss.

Seven bytes, little-endian, are one number of 17 digits (56 bits in 56.5); a rest of 1 to 6 bytes takes 3, 5, 8, 10,
13 or 15. Digits survive everything a text is put through: copying, upper-casing, a keyboard that is really a scanner.
"""

from __future__ import annotations

from shared.codes.refusals import CodeTooLong, MalformedCode

MAX_DIGITS = 700

_WIDTHS = (0, 3, 5, 8, 10, 13, 15, 17)
_SIZE_OF = {width: size for size, width in enumerate(_WIDTHS)}


def encode(raw: bytes) -> str:
    """The digits of some bytes."""
    chunks = (raw[at : at + 7] for at in range(0, len(raw), 7))
    return "".join(str(int.from_bytes(chunk, "little")).zfill(_WIDTHS[len(chunk)]) for chunk in chunks)


def decode(text: str) -> bytes:
    """The bytes of some digits; `CodeTooLong` beyond 700, `MalformedCode` where no bytes give these digits."""
    if len(text) > MAX_DIGITS:
        raise CodeTooLong(length=len(text))
    if text and not (text.isascii() and text.isdigit()):
        raise MalformedCode(why="not digits")
    raw = bytearray()
    for at in range(0, len(text), 17):
        chunk = text[at : at + 17]
        size = _SIZE_OF.get(len(chunk))
        if size is None or int(chunk) >= 256**size:
            raise MalformedCode(why="digits that stand for no bytes")
        raw += int(chunk).to_bytes(size, "little")
    return bytes(raw)
