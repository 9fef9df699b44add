"""How a sale's memo lists what was sold. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.identity import wording

MEMO_BYTES = 64
_MORE = "…"


@dataclass(frozen=True, slots=True)
class Line:
    """So many of one good, at its price in minor units."""

    name: str
    price_minor: int
    quantity: int

    @property
    def text(self) -> str:
        """How the memo names it: `Oolong`, or `2 × Oolong`."""
        return self.name if self.quantity == 1 else f"{self.quantity} × {self.name}"


def memo(lines: Sequence[Line]) -> str:
    """The lines in words, as many as a code's memo holds; `…` stands for those that it does not."""
    for kept in range(len(lines), 0, -1):
        parts = [line.text for line in lines[:kept]]
        text = ", ".join(parts if kept == len(lines) else [*parts, _MORE])
        if len(text.encode("utf-8")) <= MEMO_BYTES:
            return text
    return wording.fitted(lines[0].text, MEMO_BYTES - len(_MORE.encode("utf-8"))) + _MORE if lines else ""
