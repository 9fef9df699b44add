"""What stands on a receipt: the shop, what was sold, who paid how much of it, what came back, and its proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from merchant.sales import sold
from merchant.sales.sold import Sold
from shared.db.unit import Reader
from shared.identity import names, parties
from shared.ledger import transfers
from shared.ledger.transfers import Transfer
from shared.payments import intents, refunds
from shared.payments.intents import PaymentIntent
from shared.payments.refunds import Refund

ROLLS_MM = (160, 200, 240, 300, 400, 600, 1000)
"""The lengths that a roll's paper is cut to."""
_BARE_MM, _LINE_MM, _MORE_MM = 142, 6, 4
"""What a receipt takes without its lines; one line; each small line under it, each tax and each refund's reason."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A payment's receipt. `transfer` is None, and nothing is proved, while nothing was captured."""

    shop: parties.Known
    intent: PaymentIntent
    payer: str | None
    sold: Sold | None
    transfer: Transfer | None
    refunds: Sequence[Refund]

    @property
    def number(self) -> int | None:
        """The shop's count of its sales; for a payment that the register did not make, its place in the ledger."""
        return self.sold.number if self.sold else self.transfer.seq if self.transfer else None

    @property
    def kept_minor(self) -> int:
        """What the shop keeps of it by now."""
        return self.intent.captured_minor - self.intent.refunded_minor

    @property
    def roll_mm(self) -> int:
        """How long a piece of an 80 mm roll this receipt takes: one of `ROLLS_MM`."""
        lines = self.sold.lines if self.sold else ()
        small = sum(bool(line.options) + (line.quantity > 1) + bool(line.off_minor + line.returned) for line in lines)
        small += len(self.sold.taxes) if self.sold else 0
        needed = _BARE_MM + _LINE_MM * (len(lines) + 2 * len(self.refunds)) + _MORE_MM * (small + len(self.refunds))
        return next((length for length in ROLLS_MM if length >= needed), ROLLS_MM[-1])


def of_intent(reader: Reader, *, intent_id: str) -> Receipt:
    """The receipt of a payment, all of one moment; `unknown_intent` where there is none."""
    intent = intents.by_id(reader, id=intent_id).as_of(reader.now)
    payer = parties.by_id(reader, id=intent.payer_id) if intent.payer_id else None
    return Receipt(
        parties.by_id(reader, id=intent.shop_id),
        intent,
        names.initial_only(payer.display_name) if payer else None,
        sold.by_intents(reader, intent_ids=[intent.id]).get(intent.id),
        transfers.by_id(reader, id=intent.transfer_id) if intent.transfer_id else None,
        refunds.of_intent(reader, intent_id=intent.id),
    )
