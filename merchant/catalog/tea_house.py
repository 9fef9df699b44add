"""What the demo shop sells: a tea house's drinks and bakes. Pure."""

from __future__ import annotations

from merchant.catalog.fields import Fields
from merchant.catalog.options import Choice, Group, Groups
from shared.money import Currency

_DRINKS, _BAKES = "Tea", "Bakery"
_CATERING_BP, _GOODS_BP = 600, 1300
_GOODS = (
    ("Jasmine tea", 1200, _DRINKS, _CATERING_BP, "2000000000107", None),
    ("Oolong", 1500, _DRINKS, _CATERING_BP, "2000000000206", None),
    ("Milk tea", 1800, _DRINKS, _CATERING_BP, "2000000000305", None),
    ("Sesame bun", 650, _BAKES, _GOODS_BP, "2000000000404", 40),
    ("Egg tart", 800, _BAKES, _GOODS_BP, "2000000000503", 24),
    ("Red bean soup", 1600, _BAKES, _CATERING_BP, "2000000000602", None),
)
"""Name, price in hundredths as in a Chinese tea house, category, tax, in-store barcode (EAN-13), stock."""
_WITH_OPTIONS = "Milk tea"
_STRONG = frozenset({"AUD", "BHD", "CAD", "CHF", "EUR", "GBP", "KWD", "NZD", "SGD", "USD"})
"""Currencies in which a cup of tea costs about a quarter of that number."""


def items(unit: Currency) -> list[Fields]:
    """The demo shop's items, priced in a currency."""
    return [
        Fields(name, _price(hundredths, unit), category, tax_bp, sku, stock, _milk_tea(unit, name))
        for name, hundredths, category, tax_bp, sku, stock in _GOODS
    ]


def _price(hundredths: int, unit: Currency) -> int:
    divisor = 4 if unit.code in _STRONG else 1
    return max(1, round(hundredths * int(10**unit.exponent) / (100 * divisor)))


def _milk_tea(unit: Currency, name: str) -> Groups:
    if name != _WITH_OPTIONS:
        return ()
    sizes = Choice("regular", "Regular", 0), Choice("large", "Large", _price(300, unit))
    sugars = Choice("half", "Half sugar", 0), Choice("none", "No sugar", 0)
    extras = Choice("pearls", "Pearls", _price(200, unit)), Choice("jelly", "Jelly", _price(200, unit))
    return Group("size", "Size", sizes, 1, True), Group("sugar", "Sugar", sugars), Group("extras", "Extras", extras, 2)
