"""Where things stand in a chart: pure geometry, so that a template only draws.

Widths are shares of the chart's own width in percent and heights are pixels, so one drawing fits a phone and a desk
with letters of the same size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 184
"""Pixels from the base line to the top."""
_GAP = 0.28
"""How much of a column's room stays free."""
_WIDEST = 7.0
"""No column is wider than this (percent), so that seven days do not look like walls."""


@dataclass(frozen=True, slots=True)
class Column:
    """One bar: its place in percent of the width, its height in pixels; `mark` is the earlier value's height.

    `middle` is where its label stands, `room` and `left` the stretch in which a pointer means it.
    """

    left: str
    room: str
    x: str
    width: str
    end: str
    middle: str
    y: str
    height: str
    mark: str
    is_labelled: bool


@dataclass(frozen=True, slots=True)
class Level:
    """A line across the chart: the value it stands for, and where it runs (pixels from the top)."""

    value: int
    y: str


@dataclass(frozen=True, slots=True)
class Columns:
    """A bar chart: its bars and its levels, the base line first."""

    columns: Sequence[Column]
    levels: Sequence[Level]


def columns(values: Sequence[int], earlier: Sequence[int], *, labels: int = 8, fine: int = 1) -> Columns:
    """The chart of these values beside the earlier ones; at most `labels` of its bars get a label.

    `fine` is the smallest step that a level may have: a hundred for a currency with cents, so that axes stay round.
    """
    count = len(values)
    step = _step(max([*values, *earlier, 1]), fine)
    top = step * -(-max([*values, *earlier, 1]) // step)
    room = 100 / count
    wide = min(room * (1 - _GAP), _WIDEST)
    every = -(-count // labels)
    made = []
    for number, value in enumerate(values):
        tall = _tall(value, top)
        before = earlier[number] if number < len(earlier) else 0
        x = number * room + (room - wide) / 2
        made.append(
            Column(
                left=_percent(number * room),
                room=_percent(room),
                x=_percent(x),
                width=_percent(wide),
                end=_percent(x + wide),
                middle=_percent((number + 0.5) * room),
                y=f"{HEIGHT - tall:g}",
                height=f"{tall:g}",
                mark=f"{HEIGHT - _tall(before, top):g}" if before else "",
                is_labelled=number % every == (count - 1) % every if count > 24 else number % every == 0,
            )
        )
    levels = [Level(value, f"{HEIGHT - HEIGHT * value / top:g}") for value in range(0, top + 1, step)]
    return Columns(made, levels)


def share(part: int, whole: int) -> str:
    """A part as the width of a bar, in percent; 0 of nothing."""
    return _percent(100 * part / whole) if whole else "0%"


def percent(part: int, whole: int) -> int:
    """A part in whole percent, rounded; 0 of nothing."""
    return round(100 * part / whole) if whole else 0


def warmth(count: int, most: int, steps: int = 5) -> int:
    """How warm a cell of a heat map is: 0 for nothing, up to `steps` for the most."""
    return -(-steps * count // most) if most else 0


def change(now: int, before: int) -> int | None:
    """How much more (or less) in whole percent; None where there was nothing to compare with."""
    return round(100 * (now - before) / before) if before else None


def _step(most: int, fine: int) -> int:
    """A round step that makes two to four levels above the base line."""
    size = fine
    while True:
        for factor in (1, 2, 5):
            if most <= 4 * size * factor:
                return size * factor
        size *= 10


def _tall(value: int, top: int) -> float:
    """A value's height; what is there at all can be seen."""
    return max(2.0, round(HEIGHT * value / top, 1)) if value > 0 else 0


def _percent(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") + "%"
