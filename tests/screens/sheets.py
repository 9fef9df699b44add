"""Pictures put side by side on one sheet, small enough to live in the repository."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

GAP, ROUND = 24, 22
GROUND = (232, 236, 230)
QUALITY = 58


def opened(png: bytes) -> Image.Image:
    """A screenshot."""
    return Image.open(io.BytesIO(png)).convert("RGB")


def side_by_side(pictures: Sequence[Image.Image], *, height: int) -> Image.Image:
    """The pictures on one sheet, all scaled to one height, with round corners."""
    scaled = [picture.resize((round(picture.width * height / picture.height), height), Image.Resampling.LANCZOS)
              for picture in pictures]  # fmt: skip
    sheet = Image.new("RGB", (sum(one.width + GAP for one in scaled) + GAP, height + 2 * GAP), GROUND)
    x = GAP
    for picture in scaled:
        corners = Image.new("L", picture.size, 0)
        ImageDraw.Draw(corners).rounded_rectangle((0, 0, *picture.size), ROUND * height // 844 + 6, fill=255)
        sheet.paste(picture, (x, GAP), corners)
        x += picture.width + GAP
    return sheet


def save(sheet: Image.Image, path: Path) -> int:
    """Write a sheet as WebP, or as PNG of few colours, as its name says; its size in bytes."""
    if path.suffix == ".png":
        sheet.quantize(192, dither=Image.Dither.NONE).save(path, optimize=True)
    else:
        sheet.save(path, quality=QUALITY, method=6)
    return path.stat().st_size
