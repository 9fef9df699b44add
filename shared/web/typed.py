"""What somebody types into a search: words, and amounts such as `>20`. Pure.

Words are compared in Python, where every language's letters fold alike and no character means more than itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from shared.money import Currency

MOST = 2**62
"""More than any amount."""
_AMOUNT = re.compile(
    r"(?:^|(?<=\s))(>=|<=|>|<|=)\s*[^\w\s.,<>=-]?\s*([0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:[.,][0-9]+)?)(?=\s|$)",
    re.ASCII,
)
"""A comparison and a plain number, with a currency's sign between them or none: `>20`, `= ¥1,250.00`, `<5,50`."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The words (folded) that must all occur, and the amounts (minor units, both included) between which to look."""

    words: tuple[str, ...] = ()
    least_minor: int = 0
    most_minor: int = MOST

    def fits(self, texts: Iterable[str]) -> bool:
        """Whether every word occurs in one of the texts."""
        if not self.words:
            return True
        whole = "\n".join(folded(text) for text in texts)
        return all(word in whole for word in self.words)


def typed(text: str, unit: Currency) -> Typed:
    """A search text taken apart."""
    plain = unicodedata.normalize("NFKC", text)
    least, most = 0, MOST
    for sign, number in _AMOUNT.findall(plain):
        least, most = _narrowed(least, most, sign, _minor(number, unit))
    return Typed(tuple(folded(_AMOUNT.sub(" ", plain)).split()), least, most)


def folded(text: str) -> str:
    """A text as it is compared: composed, wide letters as plain ones, without case."""
    return unicodedata.normalize("NFKC", text).casefold()


def _minor(number: str, unit: Currency) -> Decimal:
    """The typed number in minor units; finer than the currency where somebody typed so."""
    is_grouped = re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", number)
    plain = number.replace(",", "") if is_grouped else number.replace(",", ".")
    return Decimal(plain).scaleb(unit.exponent)


def _narrowed(least: int, most: int, sign: str, minor: Decimal) -> tuple[int, int]:
    if sign in (">", ">=", "="):
        exact = int(minor.to_integral_value(ROUND_CEILING))
        least = max(least, exact + 1 if sign == ">" and exact == minor else exact)
    if sign in ("<", "<=", "="):
        exact = int(minor.to_integral_value(ROUND_FLOOR))
        most = min(most, exact - 1 if sign == "<" and exact == minor else exact)
    return min(least, MOST), max(most, -1)
