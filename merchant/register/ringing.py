"""Ringing a cart up: its items as the catalogue has them now, its figures, and how a code's memo lists it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from merchant.catalog import options
from merchant.catalog import queries as catalog
from merchant.catalog.queries import Item
from merchant.checkout import basket
from merchant.register import pricing
from merchant.register.cart import Cart, Wanted
from merchant.register.pricing import Priced, PricedLine
from shared.db.unit import Reader
from shared.errors import Conflict


class PriceChanged(Conflict):
    """The cart comes to another total than the page showed: somebody edited an item meanwhile."""

    code = "price_changed"


@dataclass(frozen=True, slots=True)
class Rung:
    """One line of a bill: what it is called, and its figures."""

    item_id: str | None
    name: str
    options: str
    quantity: int
    unit_minor: int
    tax_bp: int
    figures: PricedLine

    @property
    def title(self) -> str:
        """Its name with the chosen options: `Milk tea (Large)`."""
        return f"{self.name} ({self.options})" if self.options else self.name


@dataclass(frozen=True, slots=True)
class Bill:
    """A cart with its figures. The cart itself says what is off, the tip and the note."""

    cart: Cart
    lines: tuple[Rung, ...]
    priced: Priced

    @property
    def memo(self) -> str:
        """The lines in words, as many as a code carries."""
        named = [line for line in self.lines if line.name]
        return basket.memo([basket.Line(line.title, line.unit_minor, line.quantity) for line in named])

    @property
    def wanted(self) -> dict[str, int]:
        """How many of each item, by id: what the stock must have."""
        count: Counter[str] = Counter()
        for line in self.lines:
            if line.item_id:
                count[line.item_id] += line.quantity
        return dict(count)

    def expect(self, total_minor: int | None) -> None:
        """Refuse to charge another total than the one that was shown."""
        if total_minor is not None and total_minor != self.priced.total_minor:
            raise PriceChanged()


def rung_up(reader: Reader, *, shop_id: str, cart: Cart) -> Bill:
    """The bill of a cart; `item_gone`, `choice_unfit` or what `pricing` refuses otherwise."""
    ids = [line.item_id for line in cart.lines if line.item_id]
    items = catalog.sellable(reader, shop_id=shop_id, ids=ids) if ids else {}
    known = [_known(line, items) for line in cart.lines]
    priced = pricing.priced(
        [pricing.Line(unit, wanted.quantity, tax, wanted.discount)
         for wanted, (_, _, unit, tax) in zip(cart.lines, known, strict=True)],
        discount=cart.discount,
        tip=cart.tip,
    )  # fmt: skip
    lines = [
        Rung(wanted.item_id, name, chosen, wanted.quantity, unit, tax, figures)
        for wanted, (name, chosen, unit, tax), figures in zip(cart.lines, known, priced.lines, strict=True)
    ]
    return Bill(cart, tuple(lines), priced)


def _known(wanted: Wanted, items: dict[str, Item]) -> tuple[str, str, int, int]:
    """A line's name, chosen options in words, price of one, and tax rate."""
    if wanted.item_id is None:
        return wanted.name, "", wanted.typed_minor, 0
    item = items[wanted.item_id]
    chosen = options.picked(item.options, wanted.chosen, item=item.name)
    named = ", ".join(choice.name for choice in chosen)
    return item.name, named, item.price_minor + options.delta_minor(chosen), item.tax_bp
