"""A shop's batches as its pages show them: the list with what comes next, and one batch with its lines and fees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from merchant.money import fee_lines
from merchant.money.fee_lines import Explained, Whole
from shared.db import outbox
from shared.db.unit import Reader
from shared.identity import parties
from shared.ids import is_id
from shared.settlement import adjustments, batches, files, takings
from shared.settlement.batches import Batch, Line, UnknownBatch
from shared.settlement.fees import Rate
from shared.settlement.takings import Takings

PAGE = 12
MOST_LINES, MOST_ON_PAPER = 100, 400
"""So many lines are shown of a batch, and printed of one; all of them are in its file."""


@dataclass(frozen=True, slots=True)
class Overview:
    """A page of batches, newest first; `older` is where the next page begins, None on the last one.

    `coming` is what a batch closed now would hold, None when that would be nothing.
    """

    batches: Sequence[Batch]
    older: str | None
    coming: Takings | None
    rate: Rate
    last_seq: int
    """The newest event that this picture includes; `Detail` has one too."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One batch; `collected_minor` is what its fee's transfer took, `taken_back_minor` what its clawback took,
    `carried` the batches whose rest it took over, `whole_fee` how its fee adds up over all its sales, shown or not.
    """

    batch: Batch
    lines: Sequence[Line]
    carried: Sequence[Batch]
    collected_minor: int
    taken_back_minor: int
    whole_fee: Whole
    last_seq: int

    @property
    def rate(self) -> Rate:
        """The rate as the batch was closed."""
        return Rate(self.batch.basis_points, self.batch.fixed_minor)

    @property
    def share_rate(self) -> Rate:
        """The rate without its fixed part."""
        return Rate(self.batch.basis_points)

    @property
    def unshown(self) -> int:
        """How many lines are only in the file."""
        return self.batch.sales + self.batch.refunds + self.batch.adjustments - len(self.lines)

    @property
    def fees(self) -> list[Explained]:
        """The fees of the sales that are shown, taken apart."""
        return [fee_lines.explained(line, self.rate) for line in self.lines if line.kind == "sale"]


def overview(reader: Reader, *, shop_id: str, before: str | None) -> Overview:
    """A page of a shop's batches, those before batch `before` when given."""
    if before is not None:
        _checked(before)
    found = batches.list_of_shop(reader, shop_id=shop_id, before=before, limit=PAGE + 1)
    shown = found[:PAGE]
    return Overview(
        shown,
        shown[-1].id if len(found) > PAGE else None,
        takings.next_batch(reader, shop_id=shop_id, cutoff_at=reader.now),
        batches.rate_of(reader, shop_id=shop_id),
        outbox.last_seq(reader),
    )


def detail(reader: Reader, *, id: str, shop_id: str, most: int = MOST_LINES) -> Detail:
    """One batch of this shop with `most` of its lines; another shop's does not exist for it (`unknown_batch`)."""
    batch = batches.of_shop(reader, id=_checked(id), shop_id=shop_id)
    lines = batches.lines(reader, batch_id=id)
    return Detail(
        batch,
        lines[:most],
        batches.carried_into(reader, batch_id=id),
        batches.collected_fee(reader, batch=batch),
        adjustments.taken_by(reader, batch=batch),
        fee_lines.whole(lines, Rate(batch.basis_points, batch.fixed_minor)),
        outbox.last_seq(reader),
    )


def file_of(reader: Reader, *, id: str, shop_id: str) -> tuple[str, bytes]:
    """The name and the bytes of a batch's settlement file."""
    batch = batches.of_shop(reader, id=_checked(id), shop_id=shop_id)
    shop = parties.by_id(reader, id=shop_id)
    return files.file_name(shop.handle, id), files.render(files.statement(reader, batch=batch))


def _checked(id: str) -> str:
    """A batch's id that looks like one; a page may be asked for anything."""
    if not is_id(id, "bat"):
        raise UnknownBatch()
    return id
