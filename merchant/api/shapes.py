"""How the things of /v1 look in JSON; the forms of intents and refunds stand in merchant/checkout: the till shows them.

A payout is the one that a batch makes: its name is the batch's under another prefix, so there is nothing to look up.
"""

from __future__ import annotations

from typing import Any

from shared import clock, ids
from shared.disputes.queries import Dispute
from shared.errors import NotFound
from shared.ledger.transfers import Transfer
from shared.settlement.batches import Batch, Line

Shown = dict[str, Any]


class UnknownPayout(NotFound):
    """No payout goes by this name here."""

    code = "unknown_payout"


def payout_id(batch_id: str) -> str:
    """The payout of a batch."""
    return ids.id_from_bytes("po", ids.id_bytes(batch_id))


def batch_id(payout: str) -> str:
    """The batch of a payout; `unknown_payout` for what is no payout's name."""
    if not ids.is_id(payout, "po"):
        raise UnknownPayout()
    return ids.id_from_bytes("bat", ids.id_bytes(payout))


def batch(found: Batch) -> Shown:
    """A settlement batch."""
    return {
        "id": found.id,
        "object": "settlement_batch",
        "status": found.state,
        "currency": found.currency,
        "cutoff_at": clock.rfc3339(found.cutoff_at),
        "created_at": clock.rfc3339(found.created_at),
        "sales": found.sales,
        "gross_minor": found.gross_minor,
        "refunds": found.refunds,
        "refunds_minor": found.refunds_minor,
        "lost_disputes": found.adjustments,
        "lost_disputes_minor": found.adjustments_minor,
        "rate_basis_points": found.basis_points,
        "rate_fixed_minor": found.fixed_minor,
        "fee_minor": found.fee_minor,
        "carried_in_minor": found.carried_in_minor,
        "net_minor": found.net_minor,
        "carried_to": found.carried_to,
        "payout": payout_id(found.id) if found.payout_transfer_id else None,
    }


def line(found: Line) -> Shown:
    """What one sale, refund or lost dispute does to its batch."""
    return {
        "object": "settlement_line",
        "kind": found.kind,
        "id": found.source_id,
        "payment_intent": found.intent_id,
        "transfer": found.transfer_id,
        "amount_minor": found.amount_minor,
        "fee_minor": found.fee_minor,
        "happened_at": clock.rfc3339(found.happened_at),
        "reference": found.reference,
    }


def payout(found: Batch) -> Shown:
    """The payout of a batch; `unknown_payout` where the batch paid nothing out."""
    if found.payout_transfer_id is None:
        raise UnknownPayout()
    return {
        "id": payout_id(found.id),
        "object": "payout",
        "status": found.state,
        "amount_minor": found.net_minor,
        "currency": found.currency,
        "settlement_batch": found.id,
        "transfer": found.payout_transfer_id,
        "created_at": clock.rfc3339(found.created_at),
        "ended_at": _when(found.ended_at),
        "return_reason": found.return_reason,
    }


def dispute(found: Dispute) -> Shown:
    """A payer's complaint, and what became of it."""
    return {
        "id": found.id,
        "object": "dispute",
        "status": found.state.value,
        "payment_intent": found.intent_id,
        "reason": found.reason,
        "words": found.words,
        "amount_minor": found.amount_minor,
        "left_minor": found.left_minor,
        "currency": found.currency,
        "created_at": clock.rfc3339(found.opened_at),
        "answer_by": clock.rfc3339(found.answer_by),
        "answer": found.answer or None,
        "answered_at": _when(found.answered_at),
        "pictures": found.pictures,
        "decided_by": found.decided_by or None,
        "note": found.note or None,
        "paid_minor": found.paid_minor,
        "transfer": found.transfer_id,
        "closed_at": _when(found.closed_at),
    }


def transfer(found: Transfer) -> Shown:
    """The ledger's row, without the accounts: those name people."""
    return {
        "id": found.id,
        "object": "transfer",
        "seq": found.seq,
        "kind": found.kind,
        "phase": found.phase,
        "amount_minor": found.amount_minor,
        "currency": found.currency,
        "created_at": clock.rfc3339(found.created_at),
    }


def _when(at_ms: int | None) -> str | None:
    return clock.rfc3339(at_ms) if at_ms is not None else None
