"""Pictures for the till: what somebody uploads, checked, cropped to a small square and written anew.

A picture from outside is hostile until decoded: its size is judged by bytes and by its header before a pixel is
unpacked, and only common formats are tried. What a camera wrote into it, such as the place, is not kept.
"""

from __future__ import annotations

import hashlib
import io
import threading

from PIL import Image, ImageOps

from shared.errors import BadInput

MAX_BYTES = 12_000_000
MAX_PIXELS = 50_000_000
SIDE = 320
"""In pixels: twice what a tile needs, for dense screens."""
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
_QUALITY = 82
_turns = threading.BoundedSemaphore(2)
"""A small file may unpack to hundreds of megabytes: only so many pictures are unpacked at once."""


class PictureUnreadable(BadInput):
    """A file that is no picture of a kind we read, or a damaged one."""

    code = "picture_unreadable"


class PictureTooLarge(BadInput):
    """More bytes or pixels than we unpack."""

    code = "picture_too_large"
    status = 413


def squared(data: bytes) -> bytes:
    """The picture's middle as a WebP of `SIDE` pixels; transparency stays. Dear: never inside an action."""
    if len(data) > MAX_BYTES:
        raise PictureTooLarge(field="picture")
    with _turns:
        picture = _open(data)
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=_QUALITY, method=6)
    return out.getvalue()


def name_of(content: bytes) -> str:
    """The name under which a picture lies: of its bytes, so that one address never shows another picture."""
    return hashlib.sha256(content).hexdigest()[:32]


def _open(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise PictureTooLarge(field="picture")
            picture.draft("RGB", (2 * SIDE, 2 * SIDE))
            kind = "RGBA" if picture.has_transparency_data else "RGB"
            return ImageOps.fit(ImageOps.exif_transpose(picture).convert(kind), (SIDE, SIDE), Image.Resampling.LANCZOS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureTooLarge(field="picture") from None
    except PictureTooLarge:
        raise
    except Exception:  # each format fails in its own way over a damaged file
        raise PictureUnreadable(field="picture") from None
