"""Disputes as they stand: one for whoever it concerns, lists, and the pictures of the shop's answer.

A dispute whose amount was given back meanwhile reads as `refunded` at once, also before the sweeper has noted it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared.db.unit import Reader
from shared.disputes.pictures import Picture
from shared.disputes.states import UNDECIDED, DisputeState, left_minor
from shared.errors import NotFound
from shared.ids import is_id


class UnknownDispute(NotFound):
    """No dispute goes by this name here."""

    code = "unknown_dispute"


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute, amounts in minor units, times in ms; see models.py. `given_minor` is what was given back of the intent
    until now, and `pictures` how many the shop's answer has.
    """

    id: str
    intent_id: str
    shop_id: str
    payer_id: str
    reason: str
    words: str
    amount_minor: int
    currency: str
    given_before_minor: int
    state: DisputeState
    opened_at: int
    answer_by: int
    answer: str
    answered_at: int | None
    decided_by: str
    note: str
    paid_minor: int
    transfer_id: str | None
    closed_at: int | None
    given_minor: int = 0
    pictures: int = 0

    @property
    def is_undecided(self) -> bool:
        """Whether it can still end either way."""
        return self.state in UNDECIDED

    @property
    def left_minor(self) -> int:
        """What is in dispute now: what was asked, less what the shop has given back since."""
        return left_minor(
            asked_minor=self.amount_minor, given_before_minor=self.given_before_minor, given_minor=self.given_minor
        )

    def waits_for_shop(self, now: int) -> bool:
        """Whether the shop can still answer (`now` in ms)."""
        return self.state is DisputeState.OPEN and now <= self.answer_by


COLUMNS = tuple(name for name in Dispute.__slots__ if name not in ("given_minor", "pictures"))
_SELECT = (
    "SELECT " + ", ".join(f"d.{name}" for name in COLUMNS) + ", i.refunded_minor,"
    " (SELECT COUNT(*) FROM disputes_picture AS p WHERE p.dispute_id = d.id) FROM disputes_dispute AS d"
    " JOIN payments_intent AS i ON i.id = d.intent_id"
)
_STATES = [state.value for state in DisputeState]


def by_id(reader: Reader, *, id: str) -> Dispute:
    """One dispute; `unknown_dispute` otherwise."""
    rows = reader.sql.rows(f"{_SELECT} WHERE d.id = :id", id=id if is_id(id, "dsp") else "")
    if not rows:
        raise UnknownDispute()
    return _dispute(rows[0])


def of_payer(reader: Reader, *, id: str, payer_id: str) -> Dispute:
    """One of a payer's disputes; anybody else's does not exist for them."""
    found = by_id(reader, id=id)
    if found.payer_id != payer_id:
        raise UnknownDispute()
    return found


def of_shop(reader: Reader, *, id: str, shop_id: str) -> Dispute:
    """One dispute about this shop; another shop's does not exist for it."""
    found = by_id(reader, id=id)
    if found.shop_id != shop_id:
        raise UnknownDispute()
    return found


def of_intent(reader: Reader, *, intent_id: str) -> list[Dispute]:
    """The disputes about an intent, oldest first."""
    rows = reader.sql.rows(f"{_SELECT} WHERE d.intent_id = :intent ORDER BY d.id", intent=intent_id)
    return [_dispute(row) for row in rows]


def list_of_payer(reader: Reader, *, payer_id: str, before: str | None = None, limit: int = 50) -> list[Dispute]:
    """A payer's disputes, newest first, those opened before dispute `before` when given."""
    return _listed(reader, "d.payer_id = :party", before, limit, party=payer_id)


def list_of_shop(
    reader: Reader,
    *,
    shop_id: str,
    states: Sequence[str] = tuple(_STATES),
    before: str | None = None,
    limit: int = 50,
) -> list[Dispute]:
    """The disputes about a shop, newest first; only those in `states` as they are written down."""
    where = "d.shop_id = :party AND d.state IN :states"
    return _listed(reader, where, before, limit, party=shop_id, states=list(states))


def list_all(
    reader: Reader, *, states: Sequence[str] = tuple(_STATES), before: str | None = None, limit: int = 50
) -> list[Dispute]:
    """Everybody's disputes, newest first: the operator's list."""
    return _listed(reader, "d.state IN :states", before, limit, states=list(states))


def count_waiting(reader: Reader, *, shop_id: str) -> int:
    """How many disputes a shop should answer."""
    [(count,)] = reader.sql.rows(
        "SELECT COUNT(*) FROM disputes_dispute WHERE shop_id = :shop AND state = 'open' AND answer_by >= :now",
        shop=shop_id,
        now=reader.now,
    )
    return int(count)


def picture(reader: Reader, *, dispute_id: str, position: int) -> Picture:
    """A picture of a dispute's answer, the first is 1; `unknown_dispute` when there is none."""
    rows = reader.sql.rows(
        "SELECT content, width, height FROM disputes_picture WHERE dispute_id = :dispute AND position = :position",
        dispute=dispute_id,
        position=position,
    )
    if not rows:
        raise UnknownDispute()
    return Picture(bytes(rows[0][0]), *rows[0][1:])


def _listed(reader: Reader, where: str, before: str | None, limit: int, **values: Any) -> list[Dispute]:
    rows = reader.sql.rows(
        f"{_SELECT} WHERE {where} AND d.id < :before ORDER BY d.id DESC LIMIT :limit",
        before=before or "dsp_" + "z" * 26,
        limit=limit,
        **values,
    )
    return [_dispute(row) for row in rows]


def _dispute(row: tuple[Any, ...]) -> Dispute:
    values = dict(zip(Dispute.__slots__, row, strict=True))
    found = Dispute(**values | {"state": DisputeState(values["state"])})
    return replace(found, state=DisputeState.REFUNDED) if found.is_undecided and not found.left_minor else found
