"""What somebody looks for in their statement: words, amounts such as `>20`, a kind of entry, a month. Pure.

Amounts and kinds are the ledger's to find; words stand in names and notes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shared.errors import BadInput
from shared.ledger.extracts import Pick
from shared.money import Currency
from shared.web.typed import Typed, typed

ALL = Pick()
LONGEST_TEXT = 80
WHICH = {
    "": ALL,
    "in": Pick(side="in"),
    "out": Pick(side="out"),
    "shops": Pick(other="shop:"),
    "people": Pick(other="user:"),
    "refunds": Pick(kinds=("refund", "make_good")),
}
"""The kinds of entry that can be asked for, by the name in the address."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search: what was typed, the words of it (folded) that must all occur, and what the ledger is to pick."""

    text: str = ""
    which: str = ""
    month: str = ""
    words: tuple[str, ...] = ()
    pick: Pick = ALL

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not (self.text or self.which or self.month)

    def fits(self, texts: Iterable[str]) -> bool:
        """Whether every word occurs in one of the texts."""
        return Typed(self.words).fits(texts)


def wanted(text: str, which: str, month: str, unit: Currency) -> Wanted:
    """The search that somebody typed and chose; `bad_input` for a kind that is none, or a text that is too long."""
    if which not in WHICH:
        raise BadInput(field="which")
    if len(text) > LONGEST_TEXT:
        raise BadInput(field="q")
    said = typed(text, unit)
    pick = replace(WHICH[which], least_minor=said.least_minor, most_minor=said.most_minor)
    return Wanted(text.strip(), which, month, said.words, pick)
