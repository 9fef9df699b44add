"""Pictures of evidence: what was sent is read once and drawn anew as a plain JPEG; nothing else of it is kept."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageOps

from shared.errors import BadInput

MOST = 3
LARGEST_UPLOAD = 8 * 1024 * 1024
"""Bytes of a picture as it comes from a camera."""
MEDIA_TYPE = "image/jpeg"
_FORMATS = ("JPEG", "PNG", "WEBP")
_MOST_PIXELS = 50_000_000
_LARGEST_KEPT = 1_000_000
_SIDES = (1600, 1000, 600)


class BadPicture(BadInput):
    """Not a picture of a kind that is taken, broken, or too large."""

    code = "bad_picture"


class TooManyPictures(BadInput):
    """More pictures than an answer may have."""

    code = "too_many_pictures"


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG of ours; sides in pixels."""

    content: bytes
    width: int
    height: int


def redrawn(sent: bytes) -> Picture:
    """The picture in these bytes, upright, at most 1,600 pixels a side, without what else the file may have held."""
    if not 0 < len(sent) <= LARGEST_UPLOAD:
        raise BadPicture()
    try:
        with Image.open(io.BytesIO(sent), formats=_FORMATS) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise BadPicture()
            opened.draft("RGB", (_SIDES[0], _SIDES[0]))
            plain = ImageOps.exif_transpose(opened).convert("RGB")
    except BadPicture:
        raise
    except Exception:  # a broken picture can make the reader raise anything
        raise BadPicture() from None
    for side in _SIDES:
        plain.thumbnail((side, side))
        drawn = io.BytesIO()
        plain.save(drawn, "JPEG", quality=82, optimize=True)
        if drawn.tell() <= _LARGEST_KEPT:
            return Picture(drawn.getvalue(), plain.width, plain.height)
    raise BadPicture()
