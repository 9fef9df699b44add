"""Amounts: integers in a currency's minor unit, and the strict way from and to what people type.

No float ever holds money. Exponents and numeric codes are ISO 4217's; how an amount *looks* in a language is
`shared/web/format.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.errors import BadInput

MAX_MINOR = 10**12
"""The largest amount of one transfer, in minor units (the codes' own limit)."""

_MAJOR = re.compile(r"(0|[1-9][0-9]{0,12})(?:\.([0-9]{1,4}))?\Z", re.ASCII)


class InvalidAmount(BadInput):
    """An amount that is zero, negative, too large, too fine, or not a plain ASCII number."""

    code = "invalid_amount"


class UnknownCurrency(BadInput):
    """A currency this installation does not know."""

    code = "unknown_currency"


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency: `code` (CNY), `numeric` (156), `exponent` (digits after the point)."""

    code: str
    numeric: int
    exponent: int


_CURRENCIES = {
    row.code: row
    for row in (
        Currency("AUD", 36, 2), Currency("BHD", 48, 3), Currency("BRL", 986, 2), Currency("CAD", 124, 2),
        Currency("CHF", 756, 2), Currency("CNY", 156, 2), Currency("CZK", 203, 2), Currency("DKK", 208, 2),
        Currency("EUR", 978, 2), Currency("GBP", 826, 2), Currency("HKD", 344, 2), Currency("IDR", 360, 2),
        Currency("INR", 356, 2), Currency("JPY", 392, 0), Currency("KES", 404, 2), Currency("KRW", 410, 0),
        Currency("KWD", 414, 3), Currency("MXN", 484, 2), Currency("MYR", 458, 2), Currency("NOK", 578, 2),
        Currency("NZD", 554, 2), Currency("PHP", 608, 2), Currency("PLN", 985, 2), Currency("SEK", 752, 2),
        Currency("SGD", 702, 2), Currency("THB", 764, 2), Currency("TWD", 901, 2), Currency("USD", 840, 2),
        Currency("VND", 704, 0), Currency("ZAR", 710, 2), Currency("XTS", 963, 2),
    )
}  # fmt: skip
_BY_NUMERIC = {row.numeric: row for row in _CURRENCIES.values()}


def currency(code: str) -> Currency:
    """The currency of an ISO 4217 alphabetic code; `UnknownCurrency` otherwise."""
    try:
        return _CURRENCIES[code]
    except (KeyError, TypeError):
        raise UnknownCurrency(currency=str(code)[:8]) from None


def currency_by_number(numeric: int) -> Currency:
    """The currency of an ISO 4217 numeric code; `UnknownCurrency` otherwise."""
    try:
        return _BY_NUMERIC[numeric]
    except (KeyError, TypeError):
        raise UnknownCurrency(currency=str(numeric)[:8]) from None


def check_minor(amount_minor: object) -> int:
    """`amount_minor` itself when it is an integer from 1 to `MAX_MINOR`; `InvalidAmount` otherwise."""
    if type(amount_minor) is not int or not 1 <= amount_minor <= MAX_MINOR:
        raise InvalidAmount(amount=str(amount_minor)[:32])
    return amount_minor


def parse_major(text: str, unit: Currency) -> int:
    """Minor units from what a person types in major units: `"12.50"` is 1250 for CNY, `"12"` is 12 for JPY.

    Only ASCII digits and one point; no sign, no grouping, no more decimals than the currency has; at least one minor
    unit. Everything else is `InvalidAmount`, because guessing at money is worse than asking again.
    """
    found = _MAJOR.match(text.strip(" ")) if isinstance(text, str) else None
    if not found:
        raise InvalidAmount(amount=str(text)[:32])
    whole, fraction = found.group(1), found.group(2) or ""
    if len(fraction) > unit.exponent:
        raise InvalidAmount(amount=str(text)[:32])
    return check_minor(int(whole + fraction.ljust(unit.exponent, "0")))


def to_major(amount_minor: int, unit: Currency) -> str:
    """The plain decimal form: 1250 is `"12.50"` for CNY; negative amounts keep their sign."""
    sign, digits = ("-" if amount_minor < 0 else ""), str(abs(amount_minor))
    if unit.exponent == 0:
        return sign + digits
    digits = digits.rjust(unit.exponent + 1, "0")
    return f"{sign}{digits[: -unit.exponent]}.{digits[-unit.exponent :]}"
