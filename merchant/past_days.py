"""What a day at the demo shop is like: who comes when, and what they buy. Drawn with given random numbers; pure but for
reading the catalogue.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from merchant.catalog import queries as catalog
from merchant.catalog.queries import Item
from merchant.register.cart import Cart, Wanted
from merchant.register.pricing import NOTHING, Share
from shared.db.unit import Reader

REGULARS = (
    "Otter", "Heron", "Badger", "Lynx", "Finch", "Marten", "Plover", "Ibex", "Stork", "Vole", "Crane", "Gecko",
    "Bison", "Tapir", "Wren", "Egret", "Hare", "Quail", "Puffin", "Newt", "Jackdaw", "Kite", "Dingo", "Okapi",
    "Ermine", "Zebu", "Swift", "Lark", "Civet", "Mole", "Teal", "Raven", "Fossa", "Gibbon", "Dove", "Shrew",
    "Narwhal", "Ocelot", "Panda", "Rook", "Seal", "Toad", "Urial", "Viper", "Walrus", "Yak", "Alpaca", "Beaver",
)  # fmt: skip
"""Those who pay: most often the first ones; the last ones come for the first time near the end."""
_BY_WEEKDAY = (20, 19, 22, 23, 30, 38, 33)
_BY_HOUR = {8: 7, 9: 8, 10: 5, 11: 6, 12: 11, 13: 9, 14: 6, 15: 9, 16: 10, 17: 7, 18: 6, 19: 4}
_REASONS = ("Wrong item", "Sold out after all", "Customer changed their mind")
_LIKED = (9, 6, 12, 5, 5, 4)
"""How much each item is liked, in the order of the catalogue; what comes later, as the last one."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A cart and what becomes of it: seconds until the scan and from there to the payment, None for never."""

    who: str
    cart: Cart
    scan_s: int | None
    pay_s: int | None
    refund_share: float
    reason: str


def goods_of(reader: Reader, *, shop_id: str) -> list[Item]:
    """What is bought in the past: items whose stock nobody counts, so that today's is what it says."""
    return [item for item in catalog.for_sale(reader, shop_id=shop_id) if item.stock is None]


def visits(goods: Sequence[Item], weekday: int, day: int, numbers: random.Random) -> list[tuple[int, Visit]]:
    """A day's visits by second of the day, in order; there are more of them as the shop gets known."""
    many = round(_BY_WEEKDAY[weekday] * numbers.uniform(0.85, 1.15) * (1 + day / 150))
    hours = numbers.choices(list(_BY_HOUR), list(_BY_HOUR.values()), k=many)
    seconds = sorted(hour * 3600 + numbers.randrange(3600) for hour in hours)
    return [(second, _visit(goods, day, numbers)) for second in seconds]


def _visit(goods: Sequence[Item], day: int, numbers: random.Random) -> Visit:
    chance = numbers.random()
    return Visit(
        who=_who(day, numbers),
        cart=_cart(goods, numbers),
        scan_s=None if chance < 0.05 else numbers.randrange(3, 16),
        pay_s=None if chance < 0.09 else numbers.randrange(3, 20),
        refund_share=numbers.choice((1.0, 0.5)) if numbers.random() < 0.03 else 0,
        reason=numbers.choice(_REASONS),
    )


def _who(day: int, numbers: random.Random) -> str:
    """The first ones come often; every day some more people know the shop."""
    known = min(len(REGULARS), 14 + day)
    return REGULARS[int(known * numbers.random() ** 1.7)]


def _cart(goods: Sequence[Item], numbers: random.Random) -> Cart:
    weights = [_LIKED[min(number, len(_LIKED) - 1)] for number in range(len(goods))]
    picked = numbers.choices(goods, weights, k=numbers.choice((1, 1, 1, 2, 2, 3)))
    lines = [Wanted(item.id, numbers.choice((1, 1, 1, 2)), _chosen(item, numbers)) for item in picked]
    luck = numbers.random()
    return Cart(
        lines=tuple(lines),
        discount=Share(basis_points=1000) if luck < 0.05 else NOTHING,
        tip=Share(basis_points=numbers.choice((500, 1000))) if luck > 0.9 else NOTHING,
        note="",
        reference=f"Table {numbers.randrange(1, 13)}" if numbers.random() < 0.25 else "",
        is_manual=False,
    )


def _chosen(item: Item, numbers: random.Random) -> tuple[str, ...]:
    """One choice of each group that needs one, and now and then one of the others."""
    wanted = [group for group in item.options if group.is_required or numbers.random() < 0.3]
    return tuple(numbers.choice(group.choices).id for group in wanted)
