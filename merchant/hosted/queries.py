"""What the payer at a hosted page may see: the shop, the amount, the code while it is good, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from merchant.checkout import sales
from merchant.hosted import addresses
from merchant.hosted.actions import Wish
from shared import clock
from shared.db.unit import Reader
from shared.identity import parties
from shared.identity.parties import Known
from shared.payments import intents
from shared.payments.intents import PaymentIntent, UnknownIntent

OPEN = frozenset({"waiting", "scanned"})
"""The states in which the code is shown."""
ENDED = frozenset({"paid", "authorized", "declined", "expired", "canceled", "released"})
"""Nothing follows from here, as far as this page goes."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A hosted page as it stands; `now` is Saoma's time in ms."""

    shop: Known
    intent: PaymentIntent
    state: str
    wish: Wish
    now: int

    @property
    def leads_to(self) -> str | None:
        """Where the payer goes from here, once it has ended; None while it has not, or where the shop named nothing."""
        if self.wish.return_url is None or self.state not in ENDED:
            return None
        return addresses.with_outcome(self.wish.return_url, self.intent.id, self.intent.state.value)

    def as_json(self) -> dict[str, Any]:
        """What the page's script follows. Nobody's name is in it: whoever has the link may read it."""
        return {
            "id": self.intent.id,
            "state": self.state,
            "status": self.intent.state.value,
            "expires_at": clock.rfc3339(self.intent.expires_at),
            "now": clock.rfc3339(self.now),
            "leads_to": self.leads_to,
        }


def page_of(reader: Reader, *, id: str) -> Shown:
    """The page of an intent, whosever it is; `unknown_intent` where there is none, or none that could be scanned."""
    intent = intents.by_id(reader, id=sales.checked(id))
    if not intent.code:
        raise UnknownIntent()
    sale = sales.told(reader, intent)
    rows = reader.sql.rows("SELECT return_url, embed_origin FROM hosted_page WHERE intent_id = :id", id=id)
    wish = Wish(*rows[0]) if rows else Wish()
    state = sales.shown_state(sale, reader.now)
    return Shown(parties.by_id(reader, id=intent.shop_id), sale.intent, state, wish, reader.now)
