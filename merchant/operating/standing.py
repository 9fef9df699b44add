"""How one shop or one person stands, as the operator sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from merchant.operating.actions import of_kind
from shared.db.unit import Reader
from shared.identity import keys
from shared.identity.parties import Known
from shared.ledger import accounts, chart
from shared.ledger.accounts import Balance
from shared.payments import limits
from shared.payments.limits import Limits
from shared.settlement import batches
from shared.settlement.batches import Batch
from shared.settlement.fees import Rate


@dataclass(frozen=True, slots=True)
class ShopStanding:
    """A shop: its books, its rate, its last batches. `payout` is None before its first payout."""

    party: Known
    balance: Balance
    payout: Balance | None
    rate: Rate
    batches: Sequence[Batch]
    keys: int


@dataclass(frozen=True, slots=True)
class UserStanding:
    """A person: their balance, their limits, and what they have ordered to leave today (minor units)."""

    party: Known
    balance: Balance
    limits: Limits
    spent_minor: int
    keys: int


def of_shop(reader: Reader, *, id: str) -> ShopStanding:
    """One shop; `unknown_party` for anything else."""
    party = of_kind(reader, id=id, kind="shop")
    books = accounts.balances(reader, codes=[chart.shop_account(id), chart.payout_account(id)])
    return ShopStanding(
        party,
        books[chart.shop_account(id)],
        books.get(chart.payout_account(id)),
        batches.rate_of(reader, shop_id=id),
        batches.list_of_shop(reader, shop_id=id, limit=5),
        _good_keys(reader, id),
    )


def of_user(reader: Reader, *, id: str) -> UserStanding:
    """One person; `unknown_party` for anything else."""
    party = of_kind(reader, id=id, kind="user")
    return UserStanding(
        party,
        accounts.balance(reader, code=chart.user_account(id)),
        limits.of(reader, party_id=id),
        limits.spent_today(reader, party_ids=[id])[id],
        _good_keys(reader, id),
    )


def _good_keys(reader: Reader, party_id: str) -> int:
    return sum(key.revoked_at is None for key in keys.of_party(reader, party_id=party_id))
