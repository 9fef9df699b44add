"""What a shop's next batch is made of: the sales, refunds, lost disputes and rests that no batch has taken yet.

The same answer serves the closing of a batch, inside the writer's turn, and the till's estimate beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile
from typing import NamedTuple

from shared.db.unit import Reader
from shared.ledger import accounts, chart
from shared.money import MAX_MINOR
from shared.payments import kinds
from shared.settlement import adjustments, batches, fees
from shared.settlement.fees import Rate

MOST_SALES = 50_000
"""So many sales at most go into one batch; the next batch takes the rest."""
_LOOK_BACK_MS = kinds.HOLD_MS + 3 * kinds.DAY_MS
"""How long before its capture a sale can have been made: the longest hold, and some days for clocks."""


class Item(NamedTuple):
    """A sale, a refund or a lost dispute that is in no batch yet; `at` (ms) is when its money moved."""

    id: str
    transfer_id: str
    amount_minor: int
    at: int


@dataclass(frozen=True, slots=True)
class Takings:
    """What goes into a shop's next batch. `fees_minor` are those of the sales, in their order.

    `cutoff_at` is the time up to which it takes all sales: the one asked for, unless there are more than fit.
    """

    shop_id: str
    currency: str
    cutoff_at: int
    rate: Rate
    sales: Sequence[Item]
    refunds: Sequence[Item]
    disputes: Sequence[Item]
    fees_minor: Sequence[int]
    carried: Sequence[str]
    carried_in_minor: int
    owed_minor: int
    """Fees of earlier batches that their money did not reach for; `owed_disputes_minor` are lost disputes."""
    owed_disputes_minor: int = 0

    @property
    def gross_minor(self) -> int:
        """The sum of its sales."""
        return sum(sale.amount_minor for sale in self.sales)

    @property
    def refunds_minor(self) -> int:
        """The sum of its refunds."""
        return sum(refund.amount_minor for refund in self.refunds)

    @property
    def adjustments_minor(self) -> int:
        """The sum of its lost disputes."""
        return sum(dispute.amount_minor for dispute in self.disputes)

    @property
    def fee_minor(self) -> int:
        """The sum of its sales' fees."""
        return sum(self.fees_minor)

    @property
    def net_minor(self) -> int:
        """What is paid out, or, when negative, carried to the batch after it."""
        kept = self.gross_minor - self.refunds_minor - self.adjustments_minor - self.fee_minor
        return kept + self.carried_in_minor

    @property
    def collected_minor(self) -> int:
        """What the fee's transfer takes: fees come before disputes."""
        return min(self.fee_minor + self.owed_minor, self._collectable_minor)

    @property
    def clawback_minor(self) -> int:
        """What the transfer takes that pays for lost disputes."""
        return self._collectable_minor - self.collected_minor

    @property
    def _collectable_minor(self) -> int:
        return fees.collectable(
            fee_minor=self.fee_minor + self.adjustments_minor,
            owed_minor=self.owed_minor + self.owed_disputes_minor,
            net_minor=self.net_minor,
        )


def next_batch(reader: Reader, *, shop_id: str, cutoff_at: int) -> Takings | None:
    """What the shop's next batch takes at this cut-off (ms); None when nothing up to it calls for one.

    Called for by a sale, a refund or a payout that came back. Refunds after the cut-off go with it all the same: their
    money has left the shop's account, and what is paid out must be there. So do disputes that the shop has lost.
    """
    first = _first_open(reader, shop_id)
    refunds = _refunds(reader, shop_id, first)
    lost = adjustments.waiting(reader, shop_id=shop_id)
    returned, negative = _rests(reader, shop_id, cutoff_at)
    room = MAX_MINOR - sum(left for _, left in returned)
    found = _sales(reader, shop_id, first, cutoff_at)
    sales = found[: sum(1 for _ in takewhile(room.__ge__, accumulate(sale.amount_minor for sale in found)))]
    sales = sales[:MOST_SALES]
    if not (sales or returned or any(refund.at <= cutoff_at for refund in refunds)):
        return None
    if len(sales) < len(found):
        cutoff_at = sales[-1].at if sales else found[0].at - 1
    rate = batches.rate_of(reader, shop_id=shop_id)
    return Takings(
        shop_id=shop_id,
        currency=accounts.balance(reader, code=chart.shop_account(shop_id)).currency,
        cutoff_at=cutoff_at,
        rate=rate,
        sales=sales,
        refunds=refunds,
        disputes=[Item(a.id, a.transfer_id, a.amount_minor, a.created_at) for a in lost],
        fees_minor=fees.line_fees([sale.amount_minor for sale in sales], rate),
        carried=[id for id, _ in (*returned, *negative)],
        carried_in_minor=sum(left for _, left in (*returned, *negative)),
        owed_minor=owed_fees(reader, shop_id=shop_id) if negative else 0,
        owed_disputes_minor=adjustments.not_taken(reader, shop_id=shop_id) if negative else 0,
    )


def owed_fees(reader: Reader, *, shop_id: str) -> int:
    """What the shop's batches charged and could not take yet; never more than the negative nets still to be carried."""
    [(owed,)] = reader.sql.rows(
        "SELECT COALESCE(SUM(b.fee_minor), 0) - COALESCE(SUM(t.amount_minor), 0) FROM settlement_batch AS b"
        " LEFT JOIN ledger_transfer AS t ON t.id = b.fee_transfer_id WHERE b.shop_id = :shop",
        shop=shop_id,
    )
    return int(owed)


def shops(reader: Reader) -> list[str]:
    """Every shop's id."""
    return [row[0] for row in reader.sql.rows("SELECT id FROM identity_party WHERE kind = 'shop' ORDER BY id")]


def _first_open(reader: Reader, shop_id: str) -> int:
    """The earliest time (ms) at which something unsettled can have been made, so that history is not read again."""
    [(cutoff_at,)] = reader.sql.rows("SELECT MAX(cutoff_at) FROM settlement_batch WHERE shop_id = :shop", shop=shop_id)
    return max(0, (cutoff_at or 0) - _LOOK_BACK_MS)


def _sales(reader: Reader, shop_id: str, first: int, cutoff_at: int) -> list[Item]:
    rows = reader.sql.rows(
        "SELECT i.id, i.transfer_id, i.captured_minor, i.closed_at FROM payments_intent AS i"
        " LEFT JOIN settlement_line AS l ON l.source_id = i.id"
        " WHERE i.shop_id = :shop AND i.created_at >= :first AND i.state = 'captured' AND i.closed_at <= :cutoff"
        " AND l.source_id IS NULL ORDER BY i.closed_at, i.id LIMIT :most",
        shop=shop_id,
        first=first,
        cutoff=cutoff_at,
        most=MOST_SALES + 1,
    )
    return [Item(*row) for row in rows]


def _refunds(reader: Reader, shop_id: str, first: int) -> list[Item]:
    rows = reader.sql.rows(
        "SELECT r.id, r.transfer_id, r.amount_minor, r.created_at FROM payments_refund AS r"
        " LEFT JOIN settlement_line AS l ON l.source_id = r.id"
        " WHERE r.shop_id = :shop AND r.created_at >= :first AND r.state = 'succeeded' AND l.source_id IS NULL"
        " ORDER BY r.created_at, r.id",
        shop=shop_id,
        first=first,
    )
    return [Item(*row) for row in rows]


def _rests(reader: Reader, shop_id: str, cutoff_at: int) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """What earlier batches left: payouts that came back, as many as one payout can carry, and all negative nets."""
    rows = reader.sql.rows(
        "SELECT id, net_minor, state, ended_at FROM settlement_batch WHERE shop_id = :shop AND carried_to IS NULL"
        " AND (net_minor < 0 OR state = 'returned') ORDER BY created_at, id",
        shop=shop_id,
    )
    back = [(id, net) for id, net, state, ended_at in rows if state == "returned" and ended_at <= cutoff_at]
    fitting = sum(1 for _ in takewhile(MAX_MINOR.__ge__, accumulate(net for _, net in back)))
    return back[:fitting], [(id, net) for id, net, _, _ in rows if net < 0]
