"""The audit of signed orders: each is re-opened from its stored bytes and held against the transfer it caused.

The database is not believed: a changed amount, payee or currency shows, whether it was changed in the order (its seal
breaks) or in the transfer (it no longer says what was signed). The ledger's own sums and its chain come first. What
cannot even be read is a fault as well, and hides no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from shared.codes import payloads, seal
from shared.config import Config
from shared.db import soundness
from shared.db.unit import Reader
from shared.errors import DomainError
from shared.identity import parties
from shared.ledger import audit as ledger_audit
from shared.ledger import chart, transfers
from shared.ledger.audit import Fault, TrialBalance
from shared.payments import chain, kinds, orders, payer_codes, undecided
from shared.payments.chain import Chain
from shared.payments.states import IntentState

Found = TypeVar("Found")
_PAGE = 500
_COUNTS = "SELECT (SELECT count(*) FROM ledger_transfer), (SELECT count(*) FROM payments_order)"


@dataclass(frozen=True, slots=True)
class Report:
    """What an audit found: how much it looked at, the trial balances, the chain, and every fault.

    Faults that point at a transfer come first, in the order of the ledger. What could not be read at all is 0 or None.
    """

    transfers: int
    orders: int
    trial_balances: list[TrialBalance]
    chain: Chain | None
    faults: list[Fault]


def run(reader: Reader, *, config: Config | None = None) -> Report:
    """Audit the whole ledger; with the installation's settings also its head file."""
    faults: list[Fault] = []

    def attempt(name: str, look: Callable[[Reader], Found]) -> Found | None:
        try:
            return look(reader)
        except Exception as error:  # damage can turn any value into any other
            faults.append(Fault("unreadable", name, f"{type(error).__name__}: {error}"))
            return None

    counts = attempt("totals", lambda reader: reader.sql.rows(_COUNTS)[0]) or (0, 0)
    trials = attempt("totals", ledger_audit.trial_balances) or []
    looked = attempt("chain", lambda reader: chain.audited(reader, config=config))
    if looked:
        faults.extend(looked[1])
    for name, look in _PARTS.items():
        attempt(name, lambda reader, look=look: faults.extend(look(reader)))  # type: ignore[misc]
    ordered = attempt("naming", lambda reader: chain.named(reader, faults))
    return Report(counts[0], counts[1], trials, looked[0] if looked else None, ordered or faults)


def _storage_faults(reader: Reader) -> Iterator[Fault]:
    for line in soundness.troubles(reader):
        yield Fault("storage", "the database file", line)


def _order_faults(reader: Reader) -> Iterator[Fault]:
    unsigned = reader.sql.rows(
        "SELECT t.seq, t.id FROM ledger_transfer AS t LEFT JOIN payments_order AS o ON o.transfer_id = t.id"
        " WHERE o.id IS NULL AND t.phase <> 'expired' ORDER BY t.seq"
    )
    for seq, id in unsigned:
        yield Fault("unsigned_transfer", id, f"seq {seq} has no signed order", seq)
    after = ""
    while page := reader.sql.rows(
        "SELECT id, frame, presented, transfer_id, kind, executed_at FROM payments_order WHERE id > :after"
        " ORDER BY id LIMIT :limit",
        after=after,
        limit=_PAGE,
    ):
        posted = transfers.by_ids(reader, ids=[row[3] for row in page])
        waited = undecided.taken_in(reader, order_ids=[row[0] for row in page])
        for id, frame, presented, transfer_id, kind, executed_at in page:
            transfer = posted.get(transfer_id)
            why = _why_wrong(
                reader, id, bytes(frame), presented, transfer_id, transfer, kind, executed_at, waited.get(id)
            )
            if why:
                yield Fault(why[0], id, why[1], transfer and transfer.seq)
        after = page[-1][0]


def _why_wrong(
    reader: Reader,
    id: str,
    frame: bytes,
    presented: bytes | None,
    transfer_id: str,
    transfer: transfers.Transfer | None,
    kind: int,
    executed_at: int,
    waited: tuple[int, int | None] | None,
) -> tuple[str, str] | None:
    """Why a stored order does not prove its transfer: a fault's code and detail; None when it does.

    `waited`: when it was taken in, and when its waiting ended, where it was executed later.
    """
    if transfer is None:
        return "missing_transfer", f"transfer {transfer_id}, which it caused, is not in the ledger"
    if transfer.created_at != executed_at:
        return "order_mismatch", f"transfer {transfer.id}, seq {transfer.seq}: its order was executed at another time"
    taken_at, ended_at = waited or (executed_at, executed_at)
    if not taken_at <= executed_at == ended_at:
        return "order_mismatch", f"transfer {transfer.id}, seq {transfer.seq}: its order waited until another time"
    try:
        prepared = _reopened(reader, frame, presented and bytes(presented), transfer.created_at, taken_at)
        signer = parties.by_id(reader, id=prepared.signer_id)
        payee = parties.by_handle(reader, handle=prepared.order.payee)
        said = orders.transfer_of(
            prepared, signer, payee, reference=transfer.reference, hold_id=_hold_of(reader, transfer.reference)
        )
    except DomainError as error:
        return "order_seal", f"transfer {transfer.id}, seq {transfer.seq}: {error.code}"
    if (prepared.id, int(prepared.order.kind)) != (id, kind):
        return "order_mismatch", f"transfer {transfer.id}: the order is filed under another name or kind"
    if prepared.order.kind in kinds.CHARGES and not _is_taken(reader, prepared, executed_at):
        return "code_mismatch", f"transfer {transfer.id}, seq {transfer.seq}: its payer code is not as it was taken"
    if not _named_reference(reader, prepared.order, transfer.reference):
        return "order_mismatch", f"transfer {transfer.id}, seq {transfer.seq}: its order names another intent or batch"
    if transfer.group_id is None:  # the first payouts were of no group; that one was taken away would show in the chain
        said = said._replace(group_id=None)
    differing = [name for name in said._fields if getattr(said, name) != getattr(transfer, name)]
    if differing:
        return "order_mismatch", f"transfer {transfer.id}, seq {transfer.seq} differs from its order: " + ", ".join(
            f"{name} {getattr(transfer, name)!r}, signed {getattr(said, name)!r}" for name in differing
        )
    return None


def _reopened(reader: Reader, frame: bytes, presented: bytes | None, at_ms: int, taken_at: int) -> orders.Prepared:
    """The stored order, judged as of the moment in which it was executed; its times as of when it was taken in."""

    def opened(raw: bytes) -> seal.Opened:
        return orders.open_as_of(reader, raw, at_ms=at_ms, now_s=taken_at // 1000)

    return orders.of_opened(opened(frame), opened(presented) if presented else None)


def _named_reference(reader: Reader, order: payloads.Order, reference: str) -> bool:
    """Whether the transfer's reference is the intent or the batch that the order itself names."""
    meaning = kinds.MEANINGS[order.kind]
    if meaning.for_batch or (meaning.by_shop and reference != order.memo) or order.kind in kinds.CHARGES:
        return reference == order.memo
    if not meaning.on_intent:
        return reference == ""
    named = order.subject or order.jti
    rows = reader.sql.rows("SELECT jti FROM payments_intent WHERE id = :id", id=reference)
    return rows == [(named.hex(),)]


def _is_taken(reader: Reader, prepared: orders.Prepared, at: int) -> bool:
    """Whether the payer code that the order charged is noted as taken by it, so that nobody can take it again."""
    assert prepared.presented is not None, "a charge that comes without its code does not open"
    said = payer_codes.taken(prepared.presented, intent_id=prepared.order.memo or "", order_id=prepared.id, at=at)
    return payer_codes.of_order(reader, order_id=prepared.id) == said


def _hold_of(reader: Reader, reference: str) -> str | None:
    rows = reader.sql.rows("SELECT hold_id FROM payments_intent WHERE id = :id", id=reference)
    return rows[0][0] if rows else None


def _intent_faults(reader: Reader) -> Iterator[Fault]:
    rows = reader.sql.rows(
        "SELECT i.id, i.captured_minor, i.currency, i.shop_id, i.payer_id, i.hold_id, i.amount_minor, t.amount_minor,"
        " t.currency, t.debit_account, t.credit_account, t.reference, t.pending_id FROM payments_intent AS i"
        " LEFT JOIN ledger_transfer AS t ON t.id = i.transfer_id WHERE i.state = :state ORDER BY i.id",
        state=IntentState.CAPTURED.value,
    )
    for id, amount, unit, shop, payer, hold, asked, *posted in rows:
        said = [amount, unit, chart.user_account(payer), chart.shop_account(shop), id, hold]
        if said != posted or (hold is None and asked != amount):
            yield Fault("intent_mismatch", id, f"says {amount} {unit}, its transfer {posted[0]} {posted[1]}")
    for id, _ in reader.sql.rows(
        "SELECT i.id, u.order_id FROM payments_intent AS i LEFT JOIN payments_undecided AS u"
        " ON u.intent_id = i.id AND u.resolved_at IS NULL WHERE i.state = :state AND u.order_id IS NULL ORDER BY i.id",
        state=IntentState.UNKNOWN.value,
    ):
        yield Fault("intent_mismatch", id, "is unknown, and no order waits for it")
    yield from _hold_faults(reader)
    yield from _refund_faults(reader)


def _hold_faults(reader: Reader) -> Iterator[Fault]:
    """Intents whose hold stands otherwise in the ledger: still held is authorized, ended is not."""
    rows = reader.sql.rows(
        "SELECT i.id, i.state, coalesce(e.phase, 'pending') FROM payments_intent AS i"
        " LEFT JOIN ledger_transfer AS h ON h.id = i.hold_id AND h.phase = 'pending' AND h.reference = i.id"
        " LEFT JOIN ledger_transfer AS e ON e.pending_id = h.id WHERE i.hold_id IS NOT NULL AND (h.id IS NULL OR"
        " h.amount_minor <> i.amount_minor OR"
        " i.state <> CASE coalesce(e.phase, 'pending') WHEN 'pending' THEN 'authorized' WHEN 'posted' THEN 'captured'"
        " WHEN 'voided' THEN 'voided' ELSE 'expired' END) ORDER BY i.id"
    )
    for id, state, phase in rows:
        yield Fault("intent_mismatch", id, f"is {state}, its hold is {phase}")


def _refund_faults(reader: Reader) -> Iterator[Fault]:
    """Refunds that are not their transfer's amount, and intents that say another sum than their refunds make."""
    rows = reader.sql.rows(
        "SELECT r.id, r.amount_minor, t.amount_minor FROM payments_refund AS r LEFT JOIN ledger_transfer AS t"
        " ON t.id = r.transfer_id AND t.reference = r.intent_id AND t.currency = r.currency AND t.kind = 'refund'"
        " WHERE r.state = 'succeeded' AND (t.id IS NULL OR t.amount_minor <> r.amount_minor) ORDER BY r.id"
    )
    for id, amount, posted in rows:
        yield Fault("refund_mismatch", id, f"says {amount}, its transfer {posted}")
    rows = reader.sql.rows(
        "SELECT i.id, i.refunded_minor, coalesce(t.total, 0) FROM payments_intent AS i LEFT JOIN"
        " (SELECT reference, sum(amount_minor) AS total FROM ledger_transfer WHERE kind IN ('refund', 'make_good')"
        " GROUP BY reference) AS t"
        " ON t.reference = i.id WHERE i.refunded_minor <> coalesce(t.total, 0) ORDER BY i.id"
    )
    for id, said, given in rows:
        yield Fault("refund_mismatch", id, f"says {said} was given back, its transfers {given}")


def _payable_again(reader: Reader) -> Iterator[Fault]:
    """What was paid and does not say so any more: nothing would refuse a second payment."""
    for id, seq in reader.sql.rows(
        "SELECT t.id, t.seq FROM ledger_transfer AS t LEFT JOIN payments_intent AS i ON i.transfer_id = t.id"
        " WHERE t.kind IN ('pay', 'charge') AND i.id IS NULL ORDER BY t.seq"
    ):
        yield Fault("intent_mismatch", id, f"seq {seq} paid an intent that is not captured by it", seq)
    for id, transfer_id in reader.sql.rows(
        "SELECT o.id, o.transfer_id FROM payments_order AS o LEFT JOIN payments_spent AS s ON s.order_id = o.id"
        " WHERE o.presented IS NOT NULL AND o.kind = :send AND s.order_id IS NULL ORDER BY o.id",
        send=int(payloads.OrderKind.SEND),
    ):
        yield Fault("request_mismatch", id, f"transfer {transfer_id} answered a request that is not spent")


_PARTS: dict[str, Callable[[Reader], Iterator[Fault]]] = {
    "storage": _storage_faults,
    "ledger": ledger_audit.faults,
    "orders": _order_faults,
    "intents": _intent_faults,
    "requests": _payable_again,
}
