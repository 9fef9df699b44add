"""How amounts and times look in a language."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from babel import Locale
from babel.dates import format_datetime, format_skeleton
from babel.numbers import format_compact_decimal, format_decimal
from babel.units import format_unit

from shared.money import currency

_NARROW = {
    **dict.fromkeys(("AUD", "CAD", "HKD", "MXN", "NZD", "SGD", "TWD", "USD"), "$"),
    **dict.fromkeys(("CZK",), "Kč"),
    **dict.fromkeys(("DKK", "NOK", "SEK"), "kr"),
    "BRL": "R$", "CNY": "¥", "EUR": "€", "GBP": "£", "IDR": "Rp", "INR": "₹", "JPY": "¥", "KRW": "₩", "MYR": "RM",
    "PHP": "₱", "PLN": "zł", "THB": "฿", "VND": "₫", "ZAR": "R",
}  # fmt: skip
"""CLDR's narrow symbols, which browsers use too and Babel does not offer: one installation has one currency."""

_UNITS = (("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000))
_MOMENTS = {"zh": "y年M月d日 HH:mm 'UTC'"}
"""How a language writes a moment, where that is not `21 Nov 2026, 16:46 UTC`."""


def money(amount_minor: int, code: str, language: str, *, sign: bool = False) -> str:
    """An amount with its short symbol: `¥12.50`, `KWD 1.250`; with `sign`, a plus before what is not negative."""
    unit = currency(code)
    locale = Locale(language)
    value = Decimal(abs(amount_minor)).scaleb(-unit.exponent)
    digits: str = format_decimal(value, "#,##0" + ("." + "0" * unit.exponent if unit.exponent else ""), locale=locale)
    symbol: str = _NARROW.get(code, locale.currency_symbols.get(code, code))
    text = symbol + ("\N{NO-BREAK SPACE}" if symbol[-1].isalpha() else "") + digits
    if amount_minor < 0:
        return "\N{MINUS SIGN}" + text
    return "+" + text if sign else text


def short_money(amount_minor: int, code: str, language: str) -> str:
    """An amount for the axis of a chart, in whole or shortened units: `¥400`, `¥1.2K`, `¥3万`."""
    unit = currency(code)
    value = (Decimal(amount_minor).scaleb(-unit.exponent)).normalize()
    locale = Locale(language)
    shortened = format_compact_decimal(value, locale=locale, fraction_digits=1)
    digits = shortened if abs(value) >= 1000 else format_decimal(value, locale=locale)
    symbol = _NARROW.get(code, locale.currency_symbols.get(code, code))
    return f"{symbol}{digits}"


def span(ms: int, language: str) -> str:
    """A length of time in one unit: `3 days`, `1.5 hours`."""
    tenth = next((length // 10 for _, length in _UNITS if ms >= length), 1)
    told = round(ms / tenth) * tenth  # 59.99 minutes are told as an hour
    name, length = next((unit for unit in _UNITS if told >= unit[1]), _UNITS[-1])
    return format_unit(round(told / length, 1), f"duration-{name}", length="short", locale=language)


def when(at_ms: int, language: str) -> str:
    """A moment in UTC, short; the page's script rewrites it in the reader's own zone."""
    form = _MOMENTS.get(language, "d MMM y, HH:mm 'UTC'")
    return format_datetime(datetime.fromtimestamp(at_ms / 1000, UTC), form, locale=language)


def month(at_ms: int, language: str) -> str:
    """The month of a moment: `October 2026`."""
    return str(format_skeleton("yMMMM", datetime.fromtimestamp(at_ms / 1000, UTC), locale=language))
