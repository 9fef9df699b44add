"""The shops of an owner's group, with what each has taken today and what it is owed; each sum by one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from merchant.staff.members import KnownMember
from shared.db.unit import Reader
from shared.identity import parties
from shared.identity.parties import Known
from shared.ledger import accounts, chart
from shared.payments import kinds

_LONGEST_OPEN_MS = kinds.HOLD_MS + kinds.DAY_MS
"""How long before its capture a sale can have been made."""


class Place(NamedTuple):
    """A shop in its group, and its owner as a member of it."""

    shop_id: str
    group_id: str
    member_id: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A shop of the group: sold and given back since the day began, and what is to be paid out; minor units."""

    shop: Known
    sales: int
    sold_minor: int
    refunded_minor: int
    available_minor: int
    in_transit_minor: int
    is_here: bool


@dataclass(frozen=True, slots=True)
class Sum:
    """All shops of the group together."""

    shops: Sequence[Standing]

    @property
    def sales(self) -> int:
        """How many sales there were today."""
        return sum(shop.sales for shop in self.shops)

    @property
    def sold_minor(self) -> int:
        """What was sold today."""
        return sum(shop.sold_minor for shop in self.shops)

    @property
    def refunded_minor(self) -> int:
        """What was given back today."""
        return sum(shop.refunded_minor for shop in self.shops)

    @property
    def available_minor(self) -> int:
        """What the next batches hold, before their fees."""
        return sum(shop.available_minor for shop in self.shops)

    @property
    def in_transit_minor(self) -> int:
        """What is on its way to the bank."""
        return sum(shop.in_transit_minor for shop in self.shops)


def place_of(reader: Reader, *, shop_id: str) -> Place | None:
    """A shop's place, when its owner there still owns it; None otherwise."""
    found = _places(reader, "p.shop_id = :id", shop_id)
    return found[0] if found else None


def places(reader: Reader, *, group_id: str) -> list[Place]:
    """The shops of a group, the first one first."""
    return _places(reader, "p.group_id = :id", group_id)


def reachable(reader: Reader, *, member: KnownMember) -> list[Place]:
    """The shops that a member may go to without signing in again: all of their group, or none."""
    mine = place_of(reader, shop_id=member.shop_id)
    return places(reader, group_id=mine.group_id) if mine and mine.member_id == member.id else []


def may_found(reader: Reader, *, member: KnownMember) -> bool:
    """Whether an owner's further shop can join this one: it is in no group, or in theirs."""
    mine = place_of(reader, shop_id=member.shop_id)
    return mine is None or mine.member_id == member.id


def sums(reader: Reader, *, member: KnownMember, since: int) -> Sum:
    """How an owner's shops stand, those of their group or this one alone, with what happened from `since` (ms) on."""
    shop_ids = [place.shop_id for place in reachable(reader, member=member)] or [member.shop_id]
    known = parties.by_ids(reader, ids=shop_ids)
    sold = _sold(reader, shop_ids, since)
    refunded = _refunded(reader, shop_ids, since)
    codes = [code(id) for id in shop_ids for code in (chart.shop_account, chart.payout_account)]
    books = {code: balance.balance_minor for code, balance in accounts.balances(reader, codes=codes).items()}
    return Sum(
        [
            Standing(
                known[id],
                *sold.get(id, (0, 0)),
                refunded.get(id, 0),
                books[chart.shop_account(id)],
                books.get(chart.payout_account(id), 0),
                id == member.shop_id,
            )
            for id in shop_ids
        ]
    )


def _places(reader: Reader, condition: str, id: str) -> list[Place]:
    rows = reader.sql.rows(
        "SELECT p.shop_id, p.group_id, p.member_id FROM groups_place AS p JOIN staff_member AS m"
        " ON m.id = p.member_id AND m.shop_id = p.shop_id AND m.role = 'owner' AND m.removed_at IS NULL"
        f" WHERE {condition} ORDER BY p.joined_at, p.shop_id",
        id=id,
    )
    return [Place(*row) for row in rows]


def _sold(reader: Reader, shop_ids: Sequence[str], since: int) -> dict[str, tuple[int, int]]:
    rows = reader.sql.rows(
        "SELECT shop_id, count(*), sum(captured_minor) FROM payments_intent WHERE shop_id IN :shops"
        " AND created_at >= :oldest AND state = 'captured' AND closed_at >= :since GROUP BY shop_id",
        shops=list(shop_ids),
        oldest=since - _LONGEST_OPEN_MS,
        since=since,
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def _refunded(reader: Reader, shop_ids: Sequence[str], since: int) -> dict[str, int]:
    rows = reader.sql.rows(
        "SELECT shop_id, sum(amount_minor) FROM payments_refund WHERE shop_id IN :shops AND created_at >= :since"
        " AND state = 'succeeded' GROUP BY shop_id",
        shops=list(shop_ids),
        since=since,
    )
    return {row[0]: int(row[1]) for row in rows}
