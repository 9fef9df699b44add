"""What the till shows of a shop: who stands at it, and what is on its tiles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from merchant.shops import cashiers
from merchant.shops.cashiers import KnownCashier
from shared.db.unit import Reader
from shared.identity import parties
from shared.web.sessions import NotSignedIn, Session


@dataclass(frozen=True, slots=True)
class OnSale:
    """A good with its price in minor units."""

    id: str
    name: str
    price_minor: int


@dataclass(frozen=True, slots=True)
class AtTheTill:
    """The shop of a session and the cashier who holds it."""

    shop: parties.Known
    cashier: KnownCashier


def at_the_till(reader: Reader, *, session: Session) -> AtTheTill:
    """Whose till this is; `not_signed_in` when the cashier is gone."""
    cashier = cashiers.by_id(reader, id=session.holder)
    if cashier is None or cashier.shop_id != session.party_id:
        raise NotSignedIn()
    return AtTheTill(parties.by_id(reader, id=session.party_id), cashier)


def goods_of(reader: Reader, *, shop_id: str) -> list[OnSale]:
    """A shop's goods, as they stand on the till."""
    rows = reader.sql.rows(
        "SELECT id, name, price_minor FROM shops_good WHERE shop_id = :shop ORDER BY position, id", shop=shop_id
    )
    return [OnSale(*row) for row in rows]


def goods_by_id(reader: Reader, *, shop_id: str, ids: Iterable[str]) -> dict[str, OnSale]:
    """Those of the goods that are this shop's, by id."""
    wanted = set(ids)
    return {good.id: good for good in goods_of(reader, shop_id=shop_id) if good.id in wanted}
