"""Disputes as the operator sees them: who complains about whom, what was paid, and how often either was in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.db.unit import Reader
from shared.disputes import queries
from shared.disputes.queries import Dispute
from shared.disputes.states import UNDECIDED, DisputeState
from shared.identity import parties
from shared.identity.parties import Known
from shared.payments import intents
from shared.payments.intents import PaymentIntent

PAGE = 20
_STATES = {
    "answered": (DisputeState.ANSWERED.value,),
    "open": (DisputeState.OPEN.value,),
    "ended": tuple(state.value for state in DisputeState if state not in UNDECIDED),
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of disputes with their shops and payers; `older` is where the next one begins."""

    rows: Sequence[tuple[Dispute, Known, Known]]
    older: str | None


@dataclass(frozen=True, slots=True)
class Case:
    """A dispute with what it is about. `can_decide`: the shop has answered, and nothing has ended it."""

    dispute: Dispute
    shop: Known
    payer: Known
    intent: PaymentIntent
    of_shop: int
    of_payer: int

    @property
    def can_decide(self) -> bool:
        """Whether the operator's word is what it waits for."""
        return self.dispute.state is DisputeState.ANSWERED


def listed(reader: Reader, *, only: str, before: str) -> Page:
    """Disputes to decide (`answered`), that wait for the shop (`open`), or that have `ended`; newest first."""
    states = _STATES.get(only, _STATES["answered"])
    found = queries.list_all(reader, states=states, before=before or None, limit=PAGE + 1)
    ids = [id for dispute in found for id in (dispute.shop_id, dispute.payer_id)]
    known = parties.by_ids(reader, ids=ids)
    rows = [(dispute, known[dispute.shop_id], known[dispute.payer_id]) for dispute in found[:PAGE]]
    return Page(rows, found[PAGE - 1].id if len(found) > PAGE else None)


def of(reader: Reader, *, id: str) -> Case:
    """One dispute; `unknown_dispute` otherwise."""
    found = queries.by_id(reader, id=id)
    known = parties.by_ids(reader, ids=[found.shop_id, found.payer_id])
    [(of_shop, of_payer)] = reader.sql.rows(
        "SELECT sum(CASE WHEN shop_id = :shop THEN 1 ELSE 0 END), sum(CASE WHEN payer_id = :payer THEN 1 ELSE 0 END)"
        " FROM disputes_dispute WHERE shop_id = :shop OR payer_id = :payer",
        shop=found.shop_id,
        payer=found.payer_id,
    )
    intent = intents.by_id(reader, id=found.intent_id)
    return Case(found, known[found.shop_id], known[found.payer_id], intent, int(of_shop), int(of_payer))


def to_decide(reader: Reader) -> int:
    """How many disputes wait for the operator."""
    [(count,)] = reader.sql.rows("SELECT count(*) FROM disputes_dispute WHERE state = 'answered'")
    return int(count)
