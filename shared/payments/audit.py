"""The audit of signed orders: each is re-opened from its stored bytes and held against the transfer it caused.

The database is not believed: a changed amount, payee or currency shows, whether it was changed in the order (its seal
breaks) or in the transfer (it no longer says what was signed). The ledger's own sums come first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shared.codes import payloads, seal
from shared.db.unit import Reader
from shared.errors import DomainError
from shared.identity import parties
from shared.ledger import audit as ledger_audit
from shared.ledger import chart, transfers
from shared.ledger.audit import Fault, TrialBalance
from shared.payments import orders
from shared.payments.states import IntentState

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Report:
    """What an audit found: how much it looked at, the trial balances, and every fault, the first one first."""

    transfers: int
    orders: int
    trial_balances: list[TrialBalance]
    faults: list[Fault]


def run(reader: Reader) -> Report:
    """Audit the whole ledger."""
    counts = reader.sql.rows("SELECT (SELECT count(*) FROM ledger_transfer), (SELECT count(*) FROM payments_order)")
    faults = [*ledger_audit.faults(reader), *_order_faults(reader), *_intent_faults(reader), *_payable_again(reader)]
    return Report(counts[0][0], counts[0][1], ledger_audit.trial_balances(reader), faults)


def _order_faults(reader: Reader) -> Iterator[Fault]:
    unsigned = reader.sql.rows(
        "SELECT t.seq, t.id FROM ledger_transfer AS t LEFT JOIN payments_order AS o ON o.transfer_id = t.id"
        " WHERE o.id IS NULL ORDER BY t.seq"
    )
    for seq, id in unsigned:
        yield Fault("unsigned_transfer", id, f"seq {seq} has no signed order")
    after = ""
    while page := reader.sql.rows(
        "SELECT id, frame, presented, transfer_id, kind FROM payments_order WHERE id > :after ORDER BY id LIMIT :limit",
        after=after,
        limit=_PAGE,
    ):
        posted = transfers.by_ids(reader, ids=[row[3] for row in page])
        for id, frame, presented, transfer_id, kind in page:
            why = _why_wrong(reader, id, bytes(frame), presented, posted.get(transfer_id), kind)
            if why:
                yield Fault(why[0], id, why[1])
        after = page[-1][0]


def _why_wrong(
    reader: Reader, id: str, frame: bytes, presented: bytes | None, transfer: transfers.Transfer | None, kind: int
) -> tuple[str, str] | None:
    """Why a stored order does not prove its transfer: a fault's code and detail; None when it does."""
    if transfer is None:
        return "missing_transfer", "the order's transfer is not in the ledger"
    try:
        prepared = _reopened(reader, frame, presented and bytes(presented), transfer.created_at)
        signer = parties.by_id(reader, id=prepared.signer_id)
        payee = parties.by_handle(reader, handle=prepared.order.payee)
        said = orders.transfer_of(prepared, signer, payee, transfer.reference)
    except DomainError as error:
        return "order_seal", f"transfer {transfer.id}, seq {transfer.seq}: {error.code}"
    if (prepared.id, int(prepared.order.kind)) != (id, kind):
        return "order_mismatch", f"transfer {transfer.id}: the order is filed under another name or kind"
    if not _named_reference(reader, prepared.order, transfer.reference):
        return "order_mismatch", f"transfer {transfer.id}, seq {transfer.seq}: its order names another intent or batch"
    differing = [name for name in said._fields if getattr(said, name) != getattr(transfer, name)]
    if differing:
        return "order_mismatch", f"transfer {transfer.id}, seq {transfer.seq} differs from its order: " + ", ".join(
            f"{name} {getattr(transfer, name)!r}, signed {getattr(said, name)!r}" for name in differing
        )
    return None


def _reopened(reader: Reader, frame: bytes, presented: bytes | None, at_ms: int) -> orders.Prepared:
    """The stored order, judged as of the moment in which it was executed."""

    def opened(raw: bytes) -> seal.Opened:
        return orders.open_as_of(reader, raw, at_ms=at_ms, now_s=at_ms // 1000)

    return orders.of_opened(opened(frame), opened(presented) if presented else None)


def _named_reference(reader: Reader, order: payloads.Order, reference: str) -> bool:
    """Whether the transfer's reference is the intent or the batch that the order itself names."""
    if order.kind == payloads.OrderKind.PAYOUT:
        return reference == order.memo
    if order.kind != payloads.OrderKind.PAY:
        return reference == ""
    named = order.subject or order.jti
    rows = reader.sql.rows("SELECT jti FROM payments_intent WHERE id = :id", id=reference)
    return rows == [(named.hex(),)]


def _intent_faults(reader: Reader) -> Iterator[Fault]:
    rows = reader.sql.rows(
        "SELECT i.id, i.amount_minor, i.currency, i.shop_id, i.payer_id, t.amount_minor, t.currency, t.debit_account,"
        " t.credit_account, t.reference FROM payments_intent AS i LEFT JOIN ledger_transfer AS t"
        " ON t.id = i.transfer_id WHERE i.state = :state ORDER BY i.id",
        state=IntentState.CAPTURED.value,
    )
    for id, amount, unit, shop, payer, posted, posted_unit, debit, credit, reference in rows:
        said = (amount, unit, chart.user_account(payer), chart.shop_account(shop), id)
        if said != (posted, posted_unit, debit, credit, reference):
            yield Fault("intent_mismatch", id, f"says {amount} {unit}, its transfer {posted} {posted_unit}")


def _payable_again(reader: Reader) -> Iterator[Fault]:
    """What was paid and does not say so any more: nothing would refuse a second payment."""
    for id, seq in reader.sql.rows(
        "SELECT t.id, t.seq FROM ledger_transfer AS t LEFT JOIN payments_intent AS i ON i.transfer_id = t.id"
        " WHERE t.kind = 'pay' AND i.id IS NULL ORDER BY t.seq"
    ):
        yield Fault("intent_mismatch", id, f"seq {seq} paid an intent that is not captured by it")
    for id, transfer_id in reader.sql.rows(
        "SELECT o.id, o.transfer_id FROM payments_order AS o LEFT JOIN payments_spent AS s ON s.order_id = o.id"
        " WHERE o.presented IS NOT NULL AND s.order_id IS NULL ORDER BY o.id"
    ):
        yield Fault("request_mismatch", id, f"transfer {transfer_id} answered a request that is not spent")
