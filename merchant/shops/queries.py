"""What the till shows of a shop: who stands at it."""

from __future__ import annotations

from dataclasses import dataclass

from merchant.shops import cashiers
from merchant.shops.cashiers import KnownCashier
from shared.db.unit import Reader
from shared.identity import parties
from shared.web.sessions import NotSignedIn, Session


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
