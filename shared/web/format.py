"""How amounts and times look in a language."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from babel.dates import format_datetime
from babel.numbers import format_currency

from shared.money import currency


def money(amount_minor: int, code: str, language: str, *, sign: bool = False) -> str:
    """An amount with its symbol: `¥12.50`; with `sign`, a plus stands before what is not negative."""
    unit = currency(code)
    value = Decimal(abs(amount_minor)).scaleb(-unit.exponent)
    text = format_currency(value, code, locale=language, currency_digits=False, format=_pattern(unit.exponent))
    if amount_minor < 0:
        return "\N{MINUS SIGN}" + text
    return "+" + text if sign else text


def when(at_ms: int, language: str) -> str:
    """A moment in UTC, short; the page's script rewrites it in the reader's own zone."""
    return format_datetime(datetime.fromtimestamp(at_ms / 1000, UTC), "d MMM y, HH:mm 'UTC'", locale=language)


def _pattern(exponent: int) -> str:
    return "¤#,##0" + ("." + "0" * exponent if exponent else "")
