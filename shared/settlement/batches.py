"""Batches as values, and reading them: what was settled, what each shop was paid, and what is in a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.db.unit import Reader
from shared.errors import NotFound
from shared.ledger import transfers
from shared.settlement.fees import FREE, Rate


class UnknownBatch(NotFound):
    """No settlement batch goes by this name here."""

    code = "unknown_batch"


@dataclass(frozen=True, slots=True)
class Batch:
    """A settlement batch; amounts in minor units, times in ms.

    `net_minor` = `gross_minor` - `refunds_minor` - `adjustments_minor` - `fee_minor` + `carried_in_minor`. See
    models.py for the rest.
    """

    id: str
    shop_id: str
    state: str
    cutoff_at: int
    currency: str
    sales: int
    refunds: int
    basis_points: int
    fixed_minor: int
    gross_minor: int
    refunds_minor: int
    fee_minor: int
    carried_in_minor: int
    net_minor: int
    fee_transfer_id: str | None
    payout_transfer_id: str | None
    end_transfer_id: str | None
    carried_to: str | None
    created_at: int
    ended_at: int | None
    return_reason: str | None
    adjustments: int = 0
    adjustments_minor: int = 0
    clawback_transfer_id: str | None = None

    @property
    def transfer_id(self) -> str | None:
        """The payout's transfer."""
        return self.payout_transfer_id

    @property
    def left_minor(self) -> int:
        """What it leaves to a later batch: what the shop owes (negative), or a payout that came back (positive)."""
        return self.net_minor if self.net_minor < 0 or self.state == "returned" else 0


@dataclass(frozen=True, slots=True)
class Line:
    """A sale, a refund or a lost dispute in a batch. `reference` is the shop's own, of the sale."""

    kind: str
    source_id: str
    intent_id: str
    transfer_id: str
    happened_at: int
    amount_minor: int
    fee_minor: int
    reference: str = ""


COLUMNS = ", ".join(Batch.__slots__)


def find(reader: Reader, *, ids: Sequence[str]) -> dict[str, Batch]:
    """Those of the batches that exist, by id."""
    rows = reader.sql.rows(f"SELECT {COLUMNS} FROM settlement_batch WHERE id IN :ids", ids=sorted(set(ids)))
    return {row[0]: Batch(*row) for row in rows}


def by_id(reader: Reader, *, id: str) -> Batch:
    """One batch; `unknown_batch` otherwise."""
    found = find(reader, ids=[id])
    if id not in found:
        raise UnknownBatch()
    return found[id]


def of_shop(reader: Reader, *, id: str, shop_id: str) -> Batch:
    """One batch of this shop; another shop's does not exist for it."""
    batch = by_id(reader, id=id)
    if batch.shop_id != shop_id:
        raise UnknownBatch()
    return batch


def list_of_shop(reader: Reader, *, shop_id: str, before: str | None = None, limit: int = 50) -> list[Batch]:
    """A shop's batches, newest first, those made before batch `before` when given."""
    rows = reader.sql.rows(
        f"SELECT {COLUMNS} FROM settlement_batch WHERE shop_id = :shop AND id < :before ORDER BY id DESC LIMIT :limit",
        shop=shop_id,
        before=before or "bat_" + "z" * 26,
        limit=limit,
    )
    return [Batch(*row) for row in rows]


def carried_into(reader: Reader, *, batch_id: str) -> list[Batch]:
    """The batches whose rest this one took over, oldest first."""
    rows = reader.sql.rows(
        f"SELECT {COLUMNS} FROM settlement_batch WHERE carried_to = :batch ORDER BY created_at, id", batch=batch_id
    )
    return [Batch(*row) for row in rows]


def lines(reader: Reader, *, batch_id: str, limit: int | None = None) -> list[Line]:
    """What is in a batch, in the order in which it happened; only the first `limit` when given."""
    rows = reader.sql.rows(
        "SELECT l.kind, l.source_id, COALESCE(r.intent_id, a.intent_id, l.source_id), l.transfer_id, l.happened_at,"
        " l.amount_minor, l.fee_minor, COALESCE(i.reference, '') FROM settlement_line AS l"
        " LEFT JOIN payments_refund AS r ON r.id = l.source_id"
        " LEFT JOIN settlement_adjustment AS a ON a.id = l.source_id"
        " LEFT JOIN payments_intent AS i ON i.id = COALESCE(r.intent_id, a.intent_id, l.source_id)"
        " WHERE l.batch_id = :batch ORDER BY l.happened_at, l.source_id LIMIT :most",
        batch=batch_id,
        most=2**31 if limit is None else limit,
    )
    return [Line(*row) for row in rows]


def rate_of(reader: Reader, *, shop_id: str) -> Rate:
    """What a shop pays for its sales from now on."""
    rows = reader.sql.rows("SELECT basis_points, fixed_minor FROM settlement_rate WHERE shop_id = :shop", shop=shop_id)
    return Rate(*rows[0]) if rows else FREE


def collected_fee(reader: Reader, *, batch: Batch) -> int:
    """What the batch's fee transfer took: less than its fee where its money did not reach, more where some was owed."""
    if batch.fee_transfer_id is None:
        return 0
    return transfers.by_id(reader, id=batch.fee_transfer_id).amount_minor


def all_names(reader: Reader) -> list[tuple[str, str]]:
    """Every batch's id with its shop's handle, oldest first."""
    rows = reader.sql.rows(
        "SELECT b.id, p.handle FROM settlement_batch AS b JOIN identity_party AS p ON p.id = b.shop_id ORDER BY b.id"
    )
    return [(row[0], row[1]) for row in rows]
