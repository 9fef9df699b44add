"""Where a shop's money lies at this moment: to its name, held for it, on its way, and what it owes."""

from __future__ import annotations

from dataclasses import dataclass

from shared.db.unit import Reader
from shared.ledger import accounts, chart
from shared.settlement import adjustments


@dataclass(frozen=True, slots=True)
class Position:
    """Minor units of `currency`. `taken`: in the shop's account, sales less refunds that no payout has taken yet.

    `held`: authorized on payers' phones, and not the shop's yet. `in_transit`: paid out, not confirmed by the bank.
    `owed`: fees, refunds and lost disputes that a later batch will take.
    """

    currency: str
    taken_minor: int
    held_minor: int
    in_transit_minor: int
    owed_minor: int


def now(reader: Reader, *, shop_id: str) -> Position:
    """The position as the ledger and the batches have it."""
    shop, payout = chart.shop_account(shop_id), chart.payout_account(shop_id)
    found = accounts.balances(reader, codes=[shop, payout])
    mine = found[shop]
    [(carried,)] = reader.sql.rows(
        "SELECT COALESCE(SUM(-net_minor), 0) FROM settlement_batch"
        " WHERE shop_id = :shop AND net_minor < 0 AND carried_to IS NULL",
        shop=shop_id,
    )
    waiting = sum(each.amount_minor for each in adjustments.waiting(reader, shop_id=shop_id))
    return Position(
        mine.currency,
        mine.balance_minor,
        mine.credits_pending,
        found[payout].balance_minor if payout in found else 0,
        int(carried) + waiting,
    )
