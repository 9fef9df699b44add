"""A till's sale as the checkout's script follows it: its payment intent, and what the register knows around it."""

from __future__ import annotations

from typing import Any

from merchant.checkout import sales
from merchant.register import queries
from merchant.register.queries import Sale
from merchant.register.states import SaleState
from shared.db.unit import Reader


def shown(reader: Reader, *, id: str, shop_id: str, wallet_url: str) -> dict[str, Any]:
    """An intent of this shop as its checkout shows it; `sale` is null for one that the register did not make."""
    detail = sales.detail(reader, id=id, shop_id=shop_id)
    sale = queries.of_intent(reader, intent_id=id)
    return detail.as_json(wallet_url) | {"sale": around(reader, sale, id) if sale else None}


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
