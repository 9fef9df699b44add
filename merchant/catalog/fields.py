"""What may stand in an item's fields, read from texts as people type them, on the page and in a sheet alike.

Each refusal is one sentence about one field and carries the field's name, so that a page can mark it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from merchant.catalog import options
from merchant.catalog.options import Choice, Group, Groups, OptionsUnfit
from shared.errors import BadInput, Conflict
from shared.identity import names
from shared.money import MAX_MINOR, Currency, InvalidAmount, parse_major

LONGEST_NAME, LONGEST_CATEGORY, LONGEST_CHOICE = 64, 32, 32
"""In bytes of UTF-8."""
MOST_STOCK = 1_000_000
MOST_TAX_BP = 10_000
_TAX = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,2}))? ?%?\Z", re.ASCII)
_SKU = re.compile(r"[0-9A-Za-z._/-]{1,32}\Z", re.ASCII)
_STOCK = re.compile(r"[0-9]{1,7}\Z", re.ASCII)
_OWN_ID = re.compile(r"[a-z0-9]{1,8}\Z", re.ASCII)


class ItemNameUnfit(BadInput):
    """An item's name is empty, too long, or hides characters nobody can see."""

    code = "item_name_unfit"


class CategoryUnfit(BadInput):
    """A category's name is too long, or hides characters nobody can see."""

    code = "category_unfit"


class PriceUnfit(BadInput):
    """A price is an amount above zero."""

    code = "price_unfit"


class TaxUnfit(BadInput):
    """A tax rate is a percentage from 0 to 100 with at most two decimals."""

    code = "tax_unfit"


class SkuUnfit(BadInput):
    """A number or barcode is 1 to 32 ASCII letters, digits and `. _ / -`."""

    code = "sku_unfit"


class SkuTaken(Conflict):
    """Another item of the shop has this number or barcode: `name`."""

    code = "sku_taken"


class StockUnfit(BadInput):
    """Stock is a whole number, zero or more, or nothing at all."""

    code = "stock_unfit"


@dataclass(frozen=True, slots=True)
class Fields:
    """What an item consists of, checked."""

    name: str
    price_minor: int
    category: str = ""
    tax_bp: int = 0
    sku: str | None = None
    stock: int | None = None
    options: Groups = ()
    picture: str | None = None


def name_of(text: str) -> str:
    """An item's name."""
    name = _fit(text, LONGEST_NAME, ItemNameUnfit(field="name"))
    if not name:
        raise ItemNameUnfit(field="name")
    return name


def category_of(text: str) -> str:
    """A category's name; empty for none."""
    return _fit(text, LONGEST_CATEGORY, CategoryUnfit(field="category"))


def price_of(text: str, unit: Currency) -> int:
    """A price in minor units of `unit`, from `12.50` or `12,50`."""
    try:
        return parse_major(text.strip().replace(",", "."), unit)
    except InvalidAmount:
        raise PriceUnfit(field="price") from None


def tax_of(text: str) -> int:
    """A tax rate in basis points, from `6`, `6.5` or `13 %`; nothing is zero."""
    plain = text.strip().replace(",", ".")
    found = _TAX.match(plain or "0")
    basis_points = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else MOST_TAX_BP + 1
    if basis_points > MOST_TAX_BP:
        raise TaxUnfit(field="tax")
    return basis_points


def sku_of(text: str) -> str | None:
    """A shop's own number or a barcode; None for nothing."""
    plain = text.strip()
    if plain and not _SKU.match(plain):
        raise SkuUnfit(field="sku")
    return plain or None


def stock_of(text: str) -> int | None:
    """How many there are; None for nothing, which means that nobody counts."""
    plain = text.strip()
    if plain and (not _STOCK.match(plain) or int(plain) > MOST_STOCK):
        raise StockUnfit(field="stock")
    return int(plain) if plain else None


def percent(tax_bp: int) -> str:
    """A tax rate as it is typed: 650 is `6.5`."""
    return f"{(Decimal(tax_bp) / 100).normalize():f}"


def groups_of(given: Iterable[Mapping[str, object]], unit: Currency) -> Groups:
    """Options from plain data; a group or choice without a usable id of its own gets a fresh one."""
    groups = tuple(_group(one, unit) for one in given)
    ids = [group.id for group in groups] + [choice.id for group in groups for choice in group.choices]
    folded = [group.name.casefold() for group in groups]
    if len(groups) > options.MOST_GROUPS or len(set(ids)) < len(ids) or len(set(folded)) < len(folded):
        raise OptionsUnfit(field="options")
    return groups


def check_together(price_minor: int, groups: Groups) -> None:
    """Refuse options that could make the item free, or dearer than an amount can be."""
    if price_minor + options.least_minor(groups) < 1 or price_minor + options.most_minor(groups) > MAX_MINOR:
        raise OptionsUnfit(field="options")


def _group(given: Mapping[str, object], unit: Currency) -> Group:
    raw = given.get("choices")
    choices = tuple(_choice(one, unit) for one in raw) if isinstance(raw, list) else ()
    most, is_required = given.get("most", 1), given.get("is_required", False)
    folded = {choice.name.casefold() for choice in choices}
    fits = type(most) is int and 1 <= most <= len(choices) <= options.MOST_CHOICES and isinstance(is_required, bool)
    if not fits or len(folded) < len(choices):
        raise OptionsUnfit(field="options")
    assert isinstance(most, int)
    return Group(_id(given), _label(given.get("name")), choices, most, bool(is_required))


def _choice(given: object, unit: Currency) -> Choice:
    if not isinstance(given, dict):
        raise OptionsUnfit(field="options")
    text = str(given.get("delta") or "").strip().replace(",", ".").replace("\N{MINUS SIGN}", "-")
    return Choice(_id(given), _label(given.get("name")), _signed(text, unit))


def _signed(text: str, unit: Currency) -> int:
    """A price difference in minor units, from `+3.00`, `-1`, `0` or nothing."""
    digits = text.removeprefix("-") if text.startswith("-") else text.removeprefix("+")
    if not digits.strip("0.") and len(digits) <= 8:
        return 0
    try:
        minor = parse_major(digits, unit)
    except InvalidAmount:
        raise OptionsUnfit(field="options") from None
    return -minor if text.startswith("-") else minor


def _id(given: Mapping[str, object]) -> str:
    id = given.get("id")
    return id if isinstance(id, str) and _OWN_ID.match(id) else secrets.token_hex(4)


def _label(text: object) -> str:
    label = _fit(text, LONGEST_CHOICE, OptionsUnfit(field="options"))
    if not label:
        raise OptionsUnfit(field="options")
    return label


def _fit(text: object, longest: int, refusal: BadInput) -> str:
    """The text composed and with plain single spaces, when all of it can be seen; `refusal` otherwise."""
    try:
        return names.check_text(" ".join(text.split(" ")) if isinstance(text, str) else text, longest)
    except names.BadName:
        raise refusal from None
