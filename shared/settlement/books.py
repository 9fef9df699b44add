"""Half of the three-way match: what the batches say against sales, refunds, lost disputes and the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shared.db.unit import Reader
from shared.ledger import accounts, chart, transfers
from shared.settlement import adjustments, batches, fees, takings
from shared.settlement.batches import Batch
from shared.settlement.fees import Rate


@dataclass(frozen=True, slots=True)
class Difference:
    """Two of the three do not agree. `subject` is the id or file concerned."""

    code: str
    subject: str
    detail: str


class _Row(NamedTuple):
    """A line beside its sale, refund or lost dispute and its transfer, as far as there are such."""

    id: str
    kind: str
    transfer_id: str
    amount: int
    fee: int
    at: int
    shop_id: str | None
    source_amount: int | None
    source_transfer: str | None
    source_at: int | None
    moved: int | None
    debit: str | None
    credit: str | None


_LINES = (
    "SELECT l.source_id, l.kind, l.transfer_id, l.amount_minor, l.fee_minor, l.happened_at,"
    " COALESCE(i.shop_id, r.shop_id, a.shop_id), COALESCE(i.captured_minor, r.amount_minor, a.amount_minor),"
    " COALESCE(i.transfer_id, r.transfer_id, a.transfer_id), COALESCE(i.closed_at, r.created_at, a.created_at),"
    " t.amount_minor, t.debit_account, t.credit_account FROM settlement_line AS l"
    " LEFT JOIN payments_intent AS i ON l.kind = 'sale' AND i.id = l.source_id AND i.state = 'captured'"
    " LEFT JOIN payments_refund AS r ON l.kind = 'refund' AND r.id = l.source_id AND r.state = 'succeeded'"
    " LEFT JOIN settlement_adjustment AS a ON l.kind = 'dispute' AND a.id = l.source_id"
    " LEFT JOIN ledger_transfer AS t ON t.id = l.transfer_id AND t.phase = 'posted'"
    " WHERE l.batch_id = :batch ORDER BY l.kind, l.happened_at, l.source_id"
)


def differences_of(reader: Reader, batch: Batch) -> Iterator[Difference]:
    """What one batch says otherwise than its sales, its refunds and the ledger."""
    rows = [_Row(*row) for row in reader.sql.rows(_LINES, batch=batch.id)]
    for row in rows:
        yield from _of_line(row, batch.shop_id)
    sales = [row for row in rows if row.kind == "sale"]
    refunds = [row for row in rows if row.kind == "refund"]
    disputes = [row for row in rows if row.kind == "dispute"]
    due = fees.line_fees([row.amount for row in sales], Rate(batch.basis_points, batch.fixed_minor))
    for row, fee in zip(sales, due, strict=True):
        if row.fee != fee:
            yield Difference("fee_differs", row.id, f"pays {row.fee}; the rate of {batch.id} makes it {fee}")
    rests = batches.carried_into(reader, batch_id=batch.id)
    for rest in rests:
        if not rest.left_minor:
            yield Difference("totals_differ", rest.id, f"left nothing, and is carried to {batch.id}")
    said = (
        *(batch.sales, batch.refunds, batch.adjustments),
        *(batch.gross_minor, batch.refunds_minor, batch.adjustments_minor, batch.fee_minor, batch.carried_in_minor),
    )
    added = (
        len(sales),
        len(refunds),
        len(disputes),
        sum(row.amount for row in sales),
        sum(row.amount for row in refunds),
        sum(row.amount for row in disputes),
        sum(row.fee for row in rows),
        sum(rest.left_minor for rest in rests),
    )
    if said != added:
        yield Difference("totals_differ", batch.id, f"says {said}, its lines add up to {added}")
    yield from _of_transfers(reader, batch)


def differences_of_all(reader: Reader) -> Iterator[Difference]:
    """What no single batch shows: sales left out, money that nothing explains, fees and payouts that do not add up."""
    yield from _left_out(reader)
    yield from _unexplained(reader)
    yield from _disputes(reader)
    for shop_id in takings.shops(reader):
        [(negative, in_transit)] = reader.sql.rows(
            "SELECT COALESCE(SUM(CASE WHEN net_minor < 0 AND carried_to IS NULL THEN -net_minor END), 0),"
            " COALESCE(SUM(CASE WHEN state = 'in_transit' THEN net_minor END), 0)"
            " FROM settlement_batch WHERE shop_id = :shop",
            shop=shop_id,
        )
        owed = takings.owed_fees(reader, shop_id=shop_id)
        left = adjustments.not_taken(reader, shop_id=shop_id)
        if not 0 <= left <= negative - owed:
            yield Difference("disputes_differ", shop_id, f"{left} of lost disputes not taken, {negative} to be carried")
        if not 0 <= owed <= negative:
            yield Difference("fees_differ", shop_id, f"{owed} of fees not taken, and {negative} still to be carried")
        code = chart.payout_account(shop_id)
        found = accounts.balances(reader, codes=[code]).get(code)
        held = found.balance_minor if found else 0
        if held != in_transit:
            yield Difference("in_transit_differs", shop_id, f"{code} holds {held}; payouts in transit are {in_transit}")


def _of_line(row: _Row, shop_id: str) -> Iterator[Difference]:
    if row.source_amount is None:
        yield Difference("no_such_sale", row.id, f"there is no such captured sale, or no such refund ({row.kind})")
    elif (row.shop_id, row.source_transfer, row.source_at) != (shop_id, row.transfer_id, row.at):
        yield Difference("sale_differs", row.id, "its shop, transfer or time is another one than the line says")
    elif row.source_amount != row.amount:
        yield Difference("amount_differs", row.id, f"the line says {row.amount}, the {row.kind} {row.source_amount}")
    if row.moved is None:
        yield Difference("not_in_ledger", row.id, f"transfer {row.transfer_id} is not in the ledger")
    elif row.moved != row.amount:
        yield Difference(
            "amount_differs", row.id, f"the line says {row.amount}, transfer {row.transfer_id} {row.moved}"
        )
    elif row.kind == "dispute" and row.debit != chart.DISPUTES:
        yield Difference("wrong_account", row.id, f"transfer {row.transfer_id} was not paid out of {chart.DISPUTES}")
    elif row.kind != "dispute" and chart.shop_account(shop_id) != (row.credit if row.kind == "sale" else row.debit):
        yield Difference("wrong_account", row.id, f"transfer {row.transfer_id} does not concern {shop_id}")


def _of_transfers(reader: Reader, batch: Batch) -> Iterator[Difference]:
    """The batch's own transfers: fee, clawback, payout, and how the payout ended."""
    shop, payout = chart.shop_account(batch.shop_id), chart.payout_account(batch.shop_id)
    end = {"paid": chart.BANK, "returned": shop}.get(batch.state)
    wanted: Sequence[tuple[str | None, str, str | None, int | None]] = (
        (batch.fee_transfer_id, shop, chart.FEES, None),
        (batch.clawback_transfer_id, shop, chart.DISPUTES, None),
        (batch.payout_transfer_id, shop, payout, batch.net_minor),
        (batch.end_transfer_id, payout, end, batch.net_minor),
    )
    found = transfers.by_ids(reader, ids=[id for id, *_ in wanted if id])
    for id, debit, credit, amount in wanted:
        if id is None:
            continue
        transfer = found.get(id)
        if transfer is None:
            yield Difference("not_in_ledger", batch.id, f"transfer {id} is not in the ledger")
        elif (transfer.debit_account, transfer.credit_account, transfer.reference) != (debit, credit, batch.id):
            yield Difference("wrong_account", batch.id, f"transfer {id} is not one of this batch's")
        elif amount is not None and transfer.amount_minor != amount:
            yield Difference("amount_differs", batch.id, f"transfer {id} moved {transfer.amount_minor}, not {amount}")


def _left_out(reader: Reader) -> Iterator[Difference]:
    """Sales, refunds and lost disputes of before a shop's last cut-off that are in no batch."""
    for id, at in reader.sql.rows(
        "SELECT i.id, i.closed_at FROM payments_intent AS i JOIN (SELECT shop_id, MAX(cutoff_at) AS cutoff_at"
        " FROM settlement_batch GROUP BY shop_id) AS b ON b.shop_id = i.shop_id"
        " LEFT JOIN settlement_line AS l ON l.source_id = i.id"
        " WHERE i.state = 'captured' AND i.closed_at < b.cutoff_at AND l.source_id IS NULL"
        " UNION ALL SELECT r.id, r.created_at FROM payments_refund AS r JOIN (SELECT shop_id, MAX(created_at)"
        " AS created_at FROM settlement_batch GROUP BY shop_id) AS b ON b.shop_id = r.shop_id"
        " LEFT JOIN settlement_line AS l ON l.source_id = r.id"
        " WHERE r.state = 'succeeded' AND r.created_at < b.created_at AND l.source_id IS NULL"
        " UNION ALL SELECT a.id, a.created_at FROM settlement_adjustment AS a JOIN (SELECT shop_id, MAX(created_at)"
        " AS created_at FROM settlement_batch GROUP BY shop_id) AS b ON b.shop_id = a.shop_id"
        " LEFT JOIN settlement_line AS l ON l.source_id = a.id"
        " WHERE a.created_at < b.created_at AND l.source_id IS NULL ORDER BY 1"
    ):
        yield Difference("not_settled", id, f"happened at {at}, before the shop's last cut-off, and is in no batch")


def _unexplained(reader: Reader) -> Iterator[Difference]:
    """Posted transfers of shops' accounts, fees or disputes that no sale, refund, lost dispute or batch names."""
    for id, seq, kind in reader.sql.rows(
        "SELECT t.id, t.seq, t.kind FROM ledger_transfer AS t WHERE t.phase = 'posted'"
        " AND (t.debit_account LIKE 'shop:%' OR t.credit_account LIKE 'shop:%' OR t.debit_account LIKE 'payout:%'"
        " OR t.credit_account LIKE 'payout:%' OR t.credit_account IN ('fees', 'disputes')"
        " OR t.debit_account = 'disputes')"
        " AND NOT EXISTS (SELECT 1 FROM payments_intent AS i WHERE i.transfer_id = t.id)"
        " AND NOT EXISTS (SELECT 1 FROM payments_refund AS r WHERE r.transfer_id = t.id)"
        " AND NOT EXISTS (SELECT 1 FROM settlement_adjustment AS a WHERE a.transfer_id = t.id)"
        " AND NOT EXISTS (SELECT 1 FROM settlement_batch AS b WHERE b.fee_transfer_id = t.id)"
        " AND NOT EXISTS (SELECT 1 FROM settlement_batch AS b WHERE b.clawback_transfer_id = t.id)"
        " AND NOT EXISTS (SELECT 1 FROM settlement_batch AS b WHERE b.payout_transfer_id = t.id)"
        " AND NOT EXISTS (SELECT 1 FROM settlement_batch AS b WHERE b.end_transfer_id = t.id) ORDER BY t.seq"
    ):
        yield Difference("not_explained", id, f"seq {seq} ({kind}) belongs to no sale, refund or batch")


def _disputes(reader: Reader) -> Iterator[Difference]:
    """What the house paid for shops, and took back from them, against what stands in its account."""
    [(owed,)] = reader.sql.rows("SELECT COALESCE(SUM(amount_minor), 0) FROM settlement_adjustment")
    [(taken,)] = reader.sql.rows(
        "SELECT COALESCE(SUM(t.amount_minor), 0) FROM settlement_batch AS b"
        " JOIN ledger_transfer AS t ON t.id = b.clawback_transfer_id"
    )
    found = accounts.balances(reader, codes=[chart.DISPUTES]).get(chart.DISPUTES)
    moved = (found.debits_posted, found.credits_posted) if found else (0, 0)
    if moved != (owed, taken):
        yield Difference(
            "disputes_differ", chart.DISPUTES, f"paid and took {moved}; lost disputes and batches say {(owed, taken)}"
        )
