"""Reading: the text of the QR code in a picture that somebody uploaded.

A picture from outside is hostile until decoded: its size is judged by bytes and by its header before a pixel is
unpacked, only common formats are tried, and nothing but QR codes is looked for.
"""

from __future__ import annotations

import io
import threading
from pathlib import Path

import zxingcpp
from PIL import Image, ImageOps

from shared.codes import frame
from shared.codes.refusals import CodeRefused, NotACode
from shared.errors import BadInput

MAX_BYTES = 20_000_000
MAX_PIXELS = 50_000_000
MAX_SIDE = 65_535
"""The finder of codes takes no longer picture."""
LONGEST_PATH = 1000
"""A longer text is no path, and not every system can be asked about it."""
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
_turns = threading.BoundedSemaphore(2)
"""A small file may unpack to most of a gigabyte: only so many pictures are unpacked at once."""


class NotAnImage(BadInput):
    """A file that is no picture of a kind we read, or a damaged one."""

    code = "not_an_image"


class ImageTooLarge(BadInput):
    """More bytes or pixels than we unpack."""

    code = "image_too_large"
    status = 413


class NoCodeInImage(BadInput):
    """A picture in which no QR code can be read."""

    code = "no_code_in_image"


class SeveralCodesInImage(BadInput):
    """More than one QR code, and not exactly one of them ours: we do not choose for the person."""

    code = "several_codes_in_image"


def text_of(text_or_image: str) -> str:
    """What a command line names: the code in the picture at this path, or else the text itself."""
    path = Path(text_or_image)
    try:
        is_file = len(text_or_image) < LONGEST_PATH and "#" not in text_or_image and path.is_file()
    except OSError:  # longer than a file's name may be, as the digits of a code are
        is_file = False
    return read_image(path.read_bytes()) if is_file else text_or_image


def read_image(data: bytes) -> str:
    """The text of the one QR code in a picture; among several, of the one that is a Saoma code."""
    with _turns:
        texts = read_picture(_open(data))
    if not texts:
        raise NoCodeInImage
    if len(texts) > 1:
        texts = [text for text in texts if _is_ours(text)]
    if len(texts) != 1:
        raise SeveralCodesInImage
    return texts[0]


def read_picture(picture: Image.Image) -> list[str]:
    """The texts of all QR codes in a decoded picture, each once, in the order of finding."""
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return list(dict.fromkeys(code.text for code in found if code.valid))


def _open(data: bytes) -> Image.Image:
    """The decoded picture, upright, in grey on white."""
    if len(data) > MAX_BYTES:
        raise ImageTooLarge(bytes=len(data))
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS or max(picture.size) > MAX_SIDE:
                raise ImageTooLarge(width=picture.width, height=picture.height)
            return _flattened(ImageOps.exif_transpose(picture))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageTooLarge from None
    except ImageTooLarge:
        raise
    except Exception:  # each format fails in its own way over a damaged file
        raise NotAnImage from None


def _flattened(picture: Image.Image) -> Image.Image:
    """Transparency becomes white, as on the page the picture was copied from."""
    if not picture.has_transparency_data:
        return picture.convert("L")
    paper = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(paper, picture.convert("RGBA")).convert("L")


def _is_ours(text: str) -> bool:
    try:
        frame.frame_of_text(text)
    except NotACode:
        return False
    except CodeRefused:
        return True
    return True
