"""What waits for settlement: shops with something to settle, payouts on their way, all shops' batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.db.unit import Reader
from shared.identity import parties
from shared.identity.parties import Known
from shared.settlement import batches, takings
from shared.settlement.batches import Batch
from shared.settlement.takings import Takings

PAGE = 20
MOST_WAITING = 20
"""So many shops are listed that a cut-off would settle; it settles all."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What stands on the overview: payouts on their way (how many, minor units), payouts that came back."""

    in_transit: int
    in_transit_minor: int
    returned: int


@dataclass(frozen=True, slots=True)
class Coming:
    """What a cut-off now would settle for a shop."""

    shop: Known
    takings: Takings


@dataclass(frozen=True, slots=True)
class Overview:
    """What a cut-off would do, and a page of all shops' batches with their shops, newest first."""

    coming: Sequence[Coming]
    rows: Sequence[tuple[Batch, Known]]
    older: str | None


def summary(reader: Reader) -> Summary:
    """The payouts that are not at the bank."""
    [(in_transit, minor, returned)] = reader.sql.rows(
        "SELECT sum(CASE WHEN state = 'in_transit' THEN 1 ELSE 0 END),"
        " sum(CASE WHEN state = 'in_transit' THEN net_minor ELSE 0 END),"
        " sum(CASE WHEN state = 'returned' AND carried_to IS NULL THEN 1 ELSE 0 END) FROM settlement_batch"
    )
    return Summary(in_transit or 0, int(minor or 0), returned or 0)


def overview(reader: Reader, *, before: str = "") -> Overview:
    """A page of batches, those made before batch `before` when given; what comes next on the first page only."""
    rows = reader.sql.rows(
        f"SELECT {batches.COLUMNS} FROM settlement_batch WHERE id < :before ORDER BY id DESC LIMIT :limit",
        before=before or "bat_" + "z" * 26,
        limit=PAGE + 1,
    )
    found = [Batch(*row) for row in rows]
    waiting = [] if before else _coming(reader)
    shops = parties.by_ids(reader, ids=[batch.shop_id for batch in found] + [item.shop_id for item in waiting])
    return Overview(
        [Coming(shops[item.shop_id], item) for item in waiting],
        [(batch, shops[batch.shop_id]) for batch in found[:PAGE]],
        found[PAGE - 1].id if len(found) > PAGE else None,
    )


def _coming(reader: Reader) -> list[Takings]:
    found: list[Takings] = []
    for shop_id in takings.shops(reader):
        taken = takings.next_batch(reader, shop_id=shop_id, cutoff_at=reader.now)
        if taken:
            found.append(taken)
        if len(found) == MOST_WAITING:
            break
    return found
