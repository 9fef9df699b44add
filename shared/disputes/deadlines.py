"""What decides disputes without anybody pressing a button: a week of silence, and refunds. The till's sweeper asks."""

from __future__ import annotations

from contextlib import suppress

from shared.db.store import Store
from shared.db.unit import Reader
from shared.disputes import actions
from shared.disputes.states import DisputeState
from shared.errors import DomainError


def due(reader: Reader) -> list[str]:
    """The disputes that have been decided by the clock or by refunds, and do not say so yet.

    One whose payer is frozen waits until they are not: nothing can be paid to them. Asked every second, so the states
    stand in it word for word: thus the index of what is undecided answers it, however many disputes have ended.
    """
    rows = reader.sql.rows(
        "SELECT d.id FROM disputes_dispute AS d JOIN payments_intent AS i ON i.id = d.intent_id"
        " JOIN identity_party AS p ON p.id = d.payer_id WHERE d.state IN ('open', 'answered')"
        " AND (i.refunded_minor - d.given_before_minor >= d.amount_minor"
        " OR (d.state = :open AND d.answer_by < :now AND p.frozen_at IS NULL))",
        open=DisputeState.OPEN.value,
        now=reader.now,
    )
    return sorted(row[0] for row in rows)


def follow_due(store: Store, *, secret: bytes) -> int:
    """Write them down, and pay the payers of those that were lost; how many. A refused one does not stop the others."""
    done = 0
    for dispute_id in store.read(due):
        with suppress(DomainError):
            store.run(actions.follow, dispute_id=dispute_id, secret=secret)
            done += 1
    return done
