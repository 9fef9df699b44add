"""What happened around a transfer, step by step: asked, scanned, held, paid, given back, sealed in the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from shared.codes import cbor, payloads
from shared.codes import frame as frames
from shared.db.unit import Reader
from shared.disputes import queries as disputes
from shared.ledger import checkpoints
from shared.ledger.transfers import Phase
from shared.payments import refunds
from wallet.history.queries import Settled

_ISSUED_AT = next(number for number, name in payloads.FIELD_NAMES.items() if name == "issued_at_s")


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `what` is the end of its sentence's key; `amount_minor` where it may be another than the receipt's."""

    what: str
    at: int
    amount_minor: int | None = None


def steps(reader: Reader, *, settled: Settled, viewer_id: str) -> list[Step]:
    """The steps of a transfer for one of its sides, the earliest first."""
    row = settled.transfer
    found = [*_before(reader, settled, viewer_id), Step(_name(settled), row.created_at)]
    if settled.ending is not None:
        ending = settled.ending
        what = "taken" if ending.phase == Phase.POSTED.value else "released"
        found.append(Step(what, ending.created_at, ending.amount_minor))
    if settled.intent is not None and row.kind not in ("refund", "make_good") and settled.has_moved:
        found += [
            Step("made_good", each.closed_at or each.opened_at, each.paid_minor)
            for each in disputes.of_intent(reader, intent_id=settled.intent.id)
            if each.transfer_id
        ]
        found += [
            Step("refunded", each.created_at, each.amount_minor)
            for each in refunds.of_intent(reader, intent_id=settled.intent.id)
            if each.transfer_id
        ]
    found += [Step("sealed", each.created_at) for each in checkpoints.after(reader, size=row.seq - 1, limit=1)]
    return sorted(found, key=lambda step: step.at)


def _before(reader: Reader, settled: Settled, viewer_id: str) -> list[Step]:
    """What led to the transfer. Who else opened a shop's code is nobody's business."""
    intent, row = settled.intent, settled.transfer
    if intent is None:
        return [Step("asked", at) for at in _asked_at(reader, row.id)]
    found = [Step("asked", intent.created_at)] if intent.code else []
    scans = reader.sql.rows(
        "SELECT scanned_at FROM payments_scan WHERE intent_id = :intent AND party_id = :party",
        intent=intent.id,
        party=viewer_id,
    )
    found += [Step("scanned", at) for (at,) in scans]
    if settled.hold is not None:
        found.append(Step("held", settled.hold.created_at, settled.hold.amount_minor))
    if row.kind in ("refund", "make_good") and intent.closed_at is not None:
        found.append(Step("paid", intent.closed_at, intent.captured_minor))
    return found


def _asked_at(reader: Reader, transfer_id: str) -> list[int]:
    """When the request that a transfer answered was made, if it answered one (ms)."""
    rows = reader.sql.rows("SELECT presented FROM payments_order WHERE transfer_id = :id", id=transfer_id)
    presented = rows[0][0] if rows else None
    if presented is None:
        return []
    issued_at_s = cbor.decode(frames.split(bytes(presented)).body).get(_ISSUED_AT)
    return [issued_at_s * 1000] if isinstance(issued_at_s, int) else []


def _name(settled: Settled) -> str:
    row = settled.transfer
    if not settled.has_moved:
        return "held" if row.phase == Phase.PENDING.value else "released"
    return {
        "refund": "refunded",
        "top_up": "topped_up",
        "withdraw": "withdrawn",
        "capture": "taken",
        "make_good": "made_good",
    }.get(row.kind, "paid")
