"""One sale in full: what was sold, what happened to it and when, and in which batch it is settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from merchant.checkout import sales
from merchant.checkout.sales import Detail
from merchant.sales import sold
from merchant.sales.sold import Sold, Tender
from shared.db.unit import Reader


@dataclass(frozen=True, slots=True)
class Told:
    """A sale with everything around it. `sold` is what the register sold, None for an amount alone; `batch` the
    settlement batch that holds its payment, as (id, state), None while none does.
    """

    found: Detail
    sold: Sold | None
    batch: tuple[str, str] | None

    @property
    def number(self) -> int | None:
        """The receipt's number: the shop's count of its sales, or else the payment's place in the ledger."""
        return self.sold.number if self.sold else self.found.transfer.seq if self.found.transfer else None

    @property
    def left_minor(self) -> int:
        """What can still be given back."""
        intent = self.found.sale.intent
        return intent.captured_minor - intent.refunded_minor

    @property
    def others(self) -> Sequence[Tender]:
        """The other payments of a split sale."""
        mine = self.found.sale.intent.id
        return [tender for tender in self.sold.tenders if tender.intent_id != mine] if self.sold else []


def of_shop(reader: Reader, *, id: str, shop_id: str) -> Told:
    """One sale of this shop, all of one moment; another shop's does not exist for it (`unknown_intent`)."""
    found = sales.detail(reader, id=id, shop_id=shop_id)
    batches = reader.sql.rows(
        "SELECT b.id, b.state FROM settlement_line AS l JOIN settlement_batch AS b ON b.id = l.batch_id"
        " WHERE l.source_id = :intent",
        intent=id,
    )
    behind = sold.by_intents(reader, intent_ids=[id]).get(id)
    return Told(found, behind, (batches[0][0], batches[0][1]) if batches else None)
