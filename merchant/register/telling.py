"""A till's sale as the checkout's script follows it: its payment intent, and what the register knows around it."""

from __future__ import annotations

from typing import Any, NamedTuple

from merchant.checkout import sales
from merchant.checkout.sales import Detail
from merchant.register import queries
from merchant.register.queries import Sale
from merchant.register.states import SaleState
from shared.db.unit import Reader


class Told(NamedTuple):
    """An intent of one moment: with its history, the sale that it is for (None when the register made none), and both
    as the checkout's script takes them.
    """

    found: Detail
    sold: Sale | None
    shown: dict[str, Any]


def told(reader: Reader, *, id: str, shop_id: str, wallet_url: str) -> Told:
    """An intent of this shop with everything that its checkout's page is made of."""
    found = sales.detail(reader, id=id, shop_id=shop_id)
    sold = queries.of_intent(reader, intent_id=id)
    return Told(found, sold, found.as_json(wallet_url) | {"sale": around(reader, sold, id) if sold else None})


def shown(reader: Reader, *, id: str, shop_id: str, wallet_url: str) -> dict[str, Any]:
    """An intent of this shop as its checkout's script takes it; `sale` is null where the register made none."""
    return told(reader, id=id, shop_id=shop_id, wallet_url=wallet_url).shown


def around(reader: Reader, sale: Sale, intent_id: str) -> dict[str, Any]:
    """The sale around one of its intents. `next` is where the till goes when this part is paid, `""` for a new sale."""
    parts = queries.parts_of(reader, sale)
    state = queries.state_of(parts, sale)
    paid = sum(part.intent.captured_minor for part in parts if part.intent)
    return {
        "id": sale.id,
        "number": sale.number,
        "state": state.value,
        "total_minor": sale.total_minor,
        "paid_minor": paid,
        "tip_minor": sale.tip_minor,
        "discount_minor": sale.discount_minor,
        "part": sale.part_of(intent_id),
        "parts": list(sale.parts),
        "is_split": sale.is_split,
        "next": f"split/{sale.id}" if sale.is_split and state is not SaleState.PAID else "",
    }
