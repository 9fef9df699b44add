"""What a shop owes beside its fees: disputes that it lost. The house has paid the payers; its next batch pays.

An adjustment waits until a sale, a refund or a payout that came back calls for a batch; a debt alone makes none.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.db.unit import Reader, UnitOfWork
from shared.ledger import transfers
from shared.settlement.batches import Batch


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A lost dispute (`id`) of an intent, paid to the payer by `transfer_id` at `created_at` (ms)."""

    id: str
    shop_id: str
    intent_id: str
    transfer_id: str
    amount_minor: int
    currency: str
    created_at: int


_COLUMNS = ", ".join(f"a.{name}" for name in Adjustment.__slots__)


def owe(uow: UnitOfWork, *, adjustment: Adjustment) -> Adjustment:
    """Note what a shop owes from now on."""
    values = {name: getattr(adjustment, name) for name in Adjustment.__slots__}
    uow.sql.run(
        f"INSERT INTO settlement_adjustment ({', '.join(values)}) VALUES ({', '.join(':' + name for name in values)})",
        **values,
    )
    return adjustment


def waiting(reader: Reader, *, shop_id: str) -> list[Adjustment]:
    """What no batch of the shop has taken up yet, oldest first."""
    rows = reader.sql.rows(
        f"SELECT {_COLUMNS} FROM settlement_adjustment AS a LEFT JOIN settlement_line AS l ON l.source_id = a.id"
        " WHERE a.shop_id = :shop AND l.source_id IS NULL ORDER BY a.created_at, a.id",
        shop=shop_id,
    )
    return [Adjustment(*row) for row in rows]


def not_taken(reader: Reader, *, shop_id: str) -> int:
    """What the shop's batches took up and their money did not reach for: part of the nets still to be carried."""
    [(left,)] = reader.sql.rows(
        "SELECT COALESCE(SUM(b.adjustments_minor), 0) - COALESCE(SUM(t.amount_minor), 0) FROM settlement_batch AS b"
        " LEFT JOIN ledger_transfer AS t ON t.id = b.clawback_transfer_id WHERE b.shop_id = :shop",
        shop=shop_id,
    )
    return int(left)


def taken_by(reader: Reader, *, batch: Batch) -> int:
    """What the batch's clawback took: less than its disputes where its money did not reach, more where it owed."""
    if batch.clawback_transfer_id is None:
        return 0
    return transfers.by_id(reader, id=batch.clawback_transfer_id).amount_minor
