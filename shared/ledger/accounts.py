"""Opening accounts and reading their balances."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import insert

from shared.db.unit import Reader, UnitOfWork
from shared.errors import NotFound
from shared.ledger.models import Account


class NoSuchAccount(NotFound):
    """A transfer or a question names an account that was never opened."""

    code = "no_such_account"


class Balance(NamedTuple):
    """An account's sums, in minor units of `currency`. `balance_minor` is what its owner may spend."""

    code: str
    currency: str
    debits_posted: int
    credits_posted: int
    may_overdraw: int
    debits_pending: int = 0
    credits_pending: int = 0

    @property
    def balance_minor(self) -> int:
        """Credits less debits less what is held: what may be spent."""
        return self.credits_posted - self.debits_posted - self.debits_pending


def open_account(
    uow: UnitOfWork, *, code: str, currency: str, owner_id: str | None = None, may_overdraw: bool = False
) -> None:
    """Open an account with nothing in it; opening it again changes nothing."""
    if not balances(uow, codes=[code]):
        uow.execute(
            insert(Account).values(
                code=code, owner_id=owner_id, currency=currency, may_overdraw=int(may_overdraw), opened_at=uow.now
            )
        )


def balances(reader: Reader, *, codes: Iterable[str]) -> dict[str, Balance]:
    """The balances of those accounts that exist, by code."""
    rows = reader.sql.rows(
        "SELECT code, currency, debits_posted, credits_posted, may_overdraw, debits_pending, credits_pending"
        " FROM ledger_account WHERE code IN :codes",
        codes=sorted(set(codes)),
    )
    return {row[0]: Balance._make(row) for row in rows}


def balance(reader: Reader, *, code: str) -> Balance:
    """One account's balance; `NoSuchAccount` when there is none of that code."""
    found = balances(reader, codes=[code])
    if code not in found:
        raise NoSuchAccount(account=code)
    return found[code]
