"""Drawing: a text as a QR code in SVG or PNG, always dark on white with its quiet margin.

Two things make ours small and quick. The link is a byte segment and the payload a numeric one, told to the library
explicitly (left to itself it draws version 14 instead of 9); and the mask is fixed, because trying all eight costs more
than everything else together. Both pictures are kept by content: pages ask for the same code again and again.
"""

from __future__ import annotations

import io
from functools import lru_cache
from html import escape
from itertools import groupby

from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode
from qrcode.util import MODE_8BIT_BYTE, MODE_NUMBER, QRData

QUIET_MODULES = 4
_MASK = 3


def qr_svg(text: str, label: str = "") -> str:
    """The code as an SVG element, to stand in a page. `label` is what a screen reader says."""
    side, path = _outline(text)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"'
        f' role="img" aria-label="{escape(label)}"><rect width="{side}" height="{side}" fill="#fff"/>'
        f'<path stroke="#000" d="{path}"/></svg>'
    )


@lru_cache(maxsize=256)
def qr_png(text: str, box: int = 8) -> bytes:
    """The code as a PNG with `box` pixels a module."""
    rows = matrix(text)
    picture = Image.new("1", (len(rows), len(rows)))
    picture.putdata([0 if dark else 255 for row in rows for dark in row])
    side = len(rows) * box
    file = io.BytesIO()
    picture.resize((side, side), Image.Resampling.NEAREST).save(file, "PNG", optimize=True)
    return file.getvalue()


@lru_cache(maxsize=256)
def matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """The code's modules, True where dark, with the quiet margin; ValueError when no QR code can hold the text."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_MODULES, mask_pattern=_MASK)
    head, mark, tail = text.rpartition("#")
    if mark and tail.isascii() and tail.isdigit():
        code.add_data(QRData(f"{head}#".encode(), mode=MODE_8BIT_BYTE), optimize=0)
        code.add_data(QRData(tail.encode("ascii"), mode=MODE_NUMBER), optimize=0)
    else:
        code.add_data(QRData(text.encode("utf-8"), mode=MODE_8BIT_BYTE), optimize=0)
    code.make(fit=True)
    return tuple(tuple(map(bool, row)) for row in code.get_matrix())


@lru_cache(maxsize=256)
def _outline(text: str) -> tuple[int, str]:
    """Side in modules, and all dark runs as one path: a line of one module's width through the middle of each run."""
    rows, path = matrix(text), []
    for y, row in enumerate(rows):
        x, pen = 0, None
        for dark, run in groupby(row):
            width = sum(1 for _ in run)
            if dark:
                path.append(f"M{x} {y}.5h{width}" if pen is None else f"m{x - pen} 0h{width}")
                pen = x + width
            x += width
    return len(rows), "".join(path)
