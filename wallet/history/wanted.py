"""What somebody looks for in their statement: words, amounts such as `>20`, a kind of entry, a month. Pure.

Amounts and kinds are the ledger's to find; words stand in names and notes, and are compared in Python, where every
language's letters fold alike and no character means more than itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from shared.errors import BadInput
from shared.ledger.extracts import END, Pick
from shared.money import Currency

ALL = Pick()
LONGEST_TEXT = 80
WHICH = {
    "": ALL,
    "in": Pick(side="in"),
    "out": Pick(side="out"),
    "shops": Pick(other="shop:"),
    "people": Pick(other="user:"),
    "refunds": Pick(kinds=("refund",)),
}
"""The kinds of entry that can be asked for, by the name in the address."""
_AMOUNT = re.compile(
    r"(?:^|(?<=\s))(>=|<=|>|<|=)\s*[^\w\s.,<>=-]?\s*([0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:[.,][0-9]+)?)(?=\s|$)",
    re.ASCII,
)
"""A comparison and a plain number, with a currency's sign between them or none: `>20`, `= ¥1,250.00`, `<5,50`."""


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
        if not self.words:
            return True
        whole = "\n".join(folded(text) for text in texts)
        return all(word in whole for word in self.words)


def wanted(text: str, which: str, month: str, unit: Currency) -> Wanted:
    """The search that somebody typed and chose; `bad_input` for a kind that is none, or a text that is too long."""
    if which not in WHICH:
        raise BadInput(field="which")
    if len(text) > LONGEST_TEXT:
        raise BadInput(field="q")
    plain = unicodedata.normalize("NFKC", text)
    pick = WHICH[which]
    for sign, number in _AMOUNT.findall(plain):
        pick = _narrowed(pick, sign, _minor(number, unit))
    words = tuple(folded(_AMOUNT.sub(" ", plain)).split())
    return Wanted(text.strip(), which, month, words, pick)


def folded(text: str) -> str:
    """A text as it is compared: composed, wide letters as plain ones, without case."""
    return unicodedata.normalize("NFKC", text).casefold()


def _minor(number: str, unit: Currency) -> Decimal:
    """The typed number in minor units; finer than the currency where somebody typed so."""
    is_grouped = re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", number)
    plain = number.replace(",", "") if is_grouped else number.replace(",", ".")
    return Decimal(plain).scaleb(unit.exponent)


def _narrowed(pick: Pick, sign: str, minor: Decimal) -> Pick:
    least, most = pick.least_minor, pick.most_minor
    if sign in (">", ">=", "="):
        exact = int(minor.to_integral_value(ROUND_CEILING))
        least = max(least, exact + 1 if sign == ">" and exact == minor else exact)
    if sign in ("<", "<=", "="):
        exact = int(minor.to_integral_value(ROUND_FLOOR))
        most = min(most, exact - 1 if sign == "<" and exact == minor else exact)
    return replace(pick, least_minor=min(least, END), most_minor=max(most, -1))
