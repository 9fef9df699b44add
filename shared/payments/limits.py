"""Limits: what a person lets go without being asked, and how much may leave in a day.

They belong to the scheme because it judges them where money moves: the wallet's page only sets them. A day is the
installation's day in UTC. What a person orders counts as it is ordered: paid, sent, charged or held; a hold that ends
or a refund gives nothing back to the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared import money
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput, Conflict
from shared.ledger import chart, extracts, transfers
from shared.payments.kinds import DAY_MS

CAP_FACTOR = 10
"""A payer code is good for this many times the no-PIN limit, unless the phone says less."""
CAP_WITHOUT_LIMIT_MINOR = 200_000
"""What it is good for where every payment asks: the phone is asked anyway."""


class BadLimit(BadInput):
    """A limit that is no amount of 0 or more."""

    code = "bad_limit"


class DailyLimitReached(Conflict):
    """The payer's limit for today leaves less than this. `left_minor` says how much, in `currency`."""

    code = "daily_limit_reached"


@dataclass(frozen=True, slots=True)
class Limits:
    """A person's limits in minor units; `daily_minor` is None where there is none.

    `daily_minor` is the smaller of their own and of the operator's `ceiling_minor`, which is None where there is none.
    """

    no_pin_minor: int = 0
    daily_minor: int | None = None
    ceiling_minor: int | None = None

    @property
    def cap_minor(self) -> int:
        """The most that a payer code of theirs is good for, unless the phone says otherwise: at least 1."""
        cap = CAP_FACTOR * self.no_pin_minor or CAP_WITHOUT_LIMIT_MINOR
        return max(1, min(cap, money.MAX_MINOR, self.daily_minor if self.daily_minor is not None else cap))


def of(reader: Reader, *, party_id: str) -> Limits:
    """A person's limits; who never set any is always asked."""
    return of_many(reader, party_ids=[party_id]).get(party_id, Limits())


def of_many(reader: Reader, *, party_ids: Iterable[str]) -> dict[str, Limits]:
    """The limits of those people who have some, by party id."""
    rows = reader.sql.rows(
        "SELECT party_id, no_pin_minor, CASE WHEN ceiling_minor IS NULL OR daily_minor < ceiling_minor THEN daily_minor"
        " ELSE ceiling_minor END, ceiling_minor FROM payments_limit WHERE party_id IN :ids",
        ids=sorted(set(party_ids)),
    )
    return {row[0]: Limits(*row[1:]) for row in rows}


def set_limits(uow: UnitOfWork, *, party_id: str, no_pin_minor: int, daily_minor: int | None) -> Limits:
    """Set both limits of a person, as they want them; the limits as they then hold."""
    for value in (no_pin_minor, 0 if daily_minor is None else daily_minor):
        if type(value) is not int or not 0 <= value <= money.MAX_MINOR:
            raise BadLimit()
    uow.sql.run(
        "INSERT INTO payments_limit (party_id, no_pin_minor, daily_minor, updated_at)"
        " VALUES (:party, :no_pin, :daily, :now) ON CONFLICT (party_id)"
        " DO UPDATE SET no_pin_minor = :no_pin, daily_minor = :daily, updated_at = :now",
        party=party_id,
        no_pin=no_pin_minor,
        daily=daily_minor,
        now=uow.now,
    )
    return of(uow, party_id=party_id)


def set_ceiling(uow: UnitOfWork, *, party_id: str, ceiling_minor: int | None) -> Limits:
    """Set the most that the operator lets a person spend in a day; None lifts it. Their own limits stay theirs."""
    if ceiling_minor is not None and (type(ceiling_minor) is not int or not 0 <= ceiling_minor <= money.MAX_MINOR):
        raise BadLimit()
    uow.sql.run(
        "INSERT INTO payments_limit (party_id, no_pin_minor, ceiling_minor, updated_at)"
        " VALUES (:party, 0, :ceiling, :now) ON CONFLICT (party_id)"
        " DO UPDATE SET ceiling_minor = :ceiling, updated_at = :now",
        party=party_id,
        ceiling=ceiling_minor,
        now=uow.now,
    )
    return of(uow, party_id=party_id)


def spent_today(reader: Reader, *, party_ids: Iterable[str]) -> dict[str, int]:
    """What each of these people has ordered to leave since midnight (UTC), in minor units."""
    codes = {chart.user_account(party_id): party_id for party_id in party_ids}
    midnight = extracts.seq_at(reader, at_ms=reader.now - reader.now % DAY_MS)
    found = transfers.debited_since(reader, codes=codes, first_seq=midnight)
    return {party_id: found.get(code, 0) for code, party_id in codes.items()}


def left_today(reader: Reader, *, limits: Mapping[str, Limits]) -> dict[str, int]:
    """What may still leave today, by party id, of those of these people who have a daily limit."""
    limited = {party_id: each.daily_minor for party_id, each in limits.items() if each.daily_minor is not None}
    spent = spent_today(reader, party_ids=limited) if limited else {}
    return {party_id: max(0, daily - spent[party_id]) for party_id, daily in limited.items()}
