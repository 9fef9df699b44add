"""Pictures of what the demo shop sells, drawn from above with nothing but discs, so that the first till has pictures.

Each is a ground colour and a list of discs (x, y, radius, colour), painted in order, on a field of 100 by 100.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from functools import cache

from PIL import Image, ImageDraw

from merchant.catalog.pictures import SIDE

Disc = tuple[float, float, float, str]

_FINER = 2
"""Drawn so many times larger, then made smaller: edges become smooth."""


@cache
def drawing_of(name: str) -> bytes | None:
    """The WebP picture of an item of the demo, by its English name; None when there is none."""
    found = _DRAWINGS.get(name)
    return _painted(*found) if found else None


def _painted(ground: str, discs: Sequence[Disc]) -> bytes:
    scale = SIDE * _FINER / 100
    picture = Image.new("RGB", (SIDE * _FINER, SIDE * _FINER), ground)
    draw = ImageDraw.Draw(picture)
    for x, y, radius, colour in discs:
        box = [(x - radius) * scale, (y - radius) * scale, (x + radius) * scale, (y + radius) * scale]
        draw.ellipse(box, fill=colour)
    out = io.BytesIO()
    picture.resize((SIDE, SIDE), Image.Resampling.BOX).save(out, "WEBP", quality=82, method=4)
    return out.getvalue()


def _ring(count: int, distance: float, radius: float, colour: str, *, turn: float = 0.0) -> list[Disc]:
    """So many discs in a circle around the middle."""
    angles = [2 * math.pi * (step + turn) / count for step in range(count)]
    return [(50 + distance * math.cos(angle), 50 + distance * math.sin(angle), radius, colour) for angle in angles]


def _around(discs: Sequence[Disc], x: float, y: float, size: float) -> list[Disc]:
    """The same discs, smaller, around another middle."""
    return [(x + (dx - 50) * size, y + (dy - 50) * size, radius * size, colour) for dx, dy, radius, colour in discs]


def _cup(shadow: str, rim: str, inside: str, tea: str, light: str) -> list[Disc]:
    """A cup on its saucer."""
    handle: list[Disc] = [(84, 50, 7.5, rim), (84, 50, 4, "#f7f3ea")]
    saucer: list[Disc] = [(52, 54, 41, shadow), (50, 50, 40, "#f7f3ea"), (50, 50, 33, "#ece5d6")]
    return [*saucer, *handle, (50, 50, 30, rim), (50, 50, 27, inside), (50, 51, 25, tea), (43, 42, 6, light)]


_FLOWER = [*_ring(5, 30, 24, "#fffdf5"), (50, 50, 16, "#f2c94c")]
_SEED_CIRCLES = (
    *_ring(5, 9, 1.7, "#fff6dd"), *_ring(10, 18, 1.7, "#fff1cc", turn=0.3), *_ring(13, 26, 1.5, "#ffeec2", turn=0.7),
)  # fmt: skip
_PEARLS = [*_ring(3, 6, 4.2, "#3b2418"), *_ring(8, 16, 4.2, "#4a2d1e", turn=0.4)]
_BEANS = [*_ring(4, 7, 3.4, "#5b1220"), *_ring(9, 17, 3.4, "#6b1526", turn=0.5)]

_DRAWINGS: dict[str, tuple[str, Sequence[Disc]]] = {
    "Jasmine tea": (
        "#cfe6d4",
        [
            *_cup("#b3d2bb", "#ffffff", "#e9efd8", "#d9cf6a", "#e9e08f"),
            *_around(_FLOWER, 56, 58, 0.17), *_around(_FLOWER, 42, 55, 0.13),
        ],
    ),
    "Oolong": ("#e7d3bd", _cup("#d3b999", "#7b4a2b", "#8f5a38", "#c7752b", "#dc9550")),
    "Milk tea": (
        "#f0dfe3",
        [
            (52, 54, 37, "#dcc4ca"), (50, 50, 36, "#ffffff"), (50, 50, 32, "#e2c3a0"), (50, 50, 29, "#d9b48b"),
            *_PEARLS, (40, 37, 5, "#ecd4b8"), (66, 34, 6, "#e5556f"), (66, 34, 3.6, "#a92d47"),
        ],
    ),
    "Sesame bun": (
        "#f6e3b8",
        [
            (52, 55, 36, "#e3c98f"), (50, 50, 35, "#c98a3c"), (50, 49, 33, "#dfa24c"), (48, 46, 27, "#eab662"),
            *_SEED_CIRCLES,
        ],
    ),
    "Egg tart": (
        "#fbe7b2",
        [
            (52, 55, 37, "#e8cb85"), *_ring(18, 31, 6.5, "#d79a45"), (50, 50, 32, "#e3ad58"), (50, 50, 27, "#f7cf47"),
            (50, 49, 24, "#fbdc63"), (43, 41, 6, "#fdeb9c"), (60, 57, 4, "#e9a93a"), (54, 64, 2.6, "#e9a93a"),
        ],
    ),
    "Red bean soup": (
        "#f3d3cd",
        [
            (52, 55, 40, "#ddb3ab"), (50, 50, 39, "#f9f4ec"), (50, 50, 34, "#dfe7ea"), (50, 50, 31, "#7a1c2e"),
            (50, 50, 29, "#8a2236"), *_BEANS, (58, 42, 6, "#fffaf2"), (41, 57, 5, "#fffaf2"),
        ],
    ),
}  # fmt: skip
