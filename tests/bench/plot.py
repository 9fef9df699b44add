"""The results as a picture: a bar for every figure that has a goal, long enough when it reaches the mark.

Plain SVG with a style sheet of its own that follows the reader's light or dark; no library draws it.
"""

from __future__ import annotations

from html import escape

from tests.bench.report import bound, word
from tests.bench.rounds import Results, Verdict

_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 960, 440, 150, 34, 64
_SCALE_END = 2.0
"""How many times the goal the axis shows; a longer bar is cut, its figure says how long it is."""
_STYLE = """
  svg { font: 13px system-ui, sans-serif; background: #fff; color: #1b1f24 }
  text { fill: currentColor } .small { font-size: 11px; opacity: .7 } .title { font-size: 16px; font-weight: 600 }
  .met { fill: #1a7f5a } .short { fill: #b3541e } .told { fill: #6b7683 } .mark { stroke: currentColor }
  .spread { stroke: currentColor; stroke-width: 1.5 } .line { stroke: currentColor; opacity: .12 }
  @media (prefers-color-scheme: dark) {
    svg { background: #14181d; color: #e6e9ed } .met { fill: #3fb98b } .short { fill: #e08a4f } .told { fill: #8b97a5 }
  }
"""


def as_svg(machine: dict[str, str], results: Results) -> str:
    """The picture: each goal's figure as a multiple of the goal, with the spread of the rounds."""
    verdicts = results.verdicts()
    height = _TOP + _ROW * len(verdicts) + 30
    words = f"{machine['processor']}, SQLite {machine['sqlite']}, PostgreSQL {machine['postgresql']}, {machine['date']}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        "<title>Saoma: figures against their goals</title>",
        f"<style>{_STYLE}</style>",
        '<text class="title" x="16" y="26">Figures against their goals</text>',
        f'<text class="small" x="16" y="46">{escape(words)}</text>',
        *(_row(verdict, _TOP + _ROW * number) for number, verdict in enumerate(verdicts)),
        _goal_line(height),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(share: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * min(max(share, 0), _SCALE_END) / _SCALE_END


def _row(verdict: Verdict, top: float) -> str:
    goal, figure = verdict.goal, verdict.figure
    mark = goal.at_least or goal.at_most
    shares = [value / mark for value in (figure.median, figure.low, figure.high)] if mark else [0.0, 0.0, 0.0]
    kind = {True: "met", False: "short", None: "told"}[verdict.is_met]
    middle, width = top + _ROW / 2, _x(shares[0]) - _LEFT
    said = f"{figure.median:.2f} {word(verdict)}".strip()
    return "\n".join(
        [
            f'<line class="line" x1="16" x2="{_WIDTH - 16}" y1="{top}" y2="{top}"/>',
            f'<text x="16" y="{middle + 1}">{escape(goal.about)}</text>',
            f'<text class="small" x="16" y="{middle + 14}">{escape(bound(goal) or "no goal")}</text>',
            f'<rect class="{kind}" x="{_LEFT}" y="{top + 8}" width="{width:.1f}" height="{_ROW - 16}"/>',
            f'<line class="spread" x1="{_x(shares[1]):.1f}" x2="{_x(shares[2]):.1f}" y1="{middle}" y2="{middle}"/>',
            f'<text x="{_WIDTH - _RIGHT + 8}" y="{middle + 4}">{escape(said)}</text>',
        ]
    )


def _goal_line(height: float) -> str:
    x = _x(1)
    return (
        f'<line class="mark" x1="{x}" x2="{x}" y1="{_TOP}" y2="{height - 26}" stroke-dasharray="3 3"/>'
        f'<text class="small" x="{x}" y="{height - 10}" text-anchor="middle">the goal</text>'
    )
