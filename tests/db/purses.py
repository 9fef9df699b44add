"""A few accounts and transfers between them: money is what must be there exactly once."""

from __future__ import annotations

from collections.abc import Mapping

from shared.db.store import OutcomeUnknown, Store, StoreUnavailable
from shared.db.unit import Reader, UnitOfWork
from shared.ledger import accounts, posting
from shared.ledger.transfers import NewTransfer, Transfer


def transfer(id: str, debit: str, credit: str, amount_minor: int) -> NewTransfer:
    return NewTransfer(id, debit, credit, amount_minor, "CNY", "test")


def fill(uow: UnitOfWork, *, balances: Mapping[str, int]) -> None:
    """Open a bank and these accounts, each with its money from the bank."""
    accounts.open_account(uow, code="bank", currency="CNY", may_overdraw=True)
    for code, amount_minor in balances.items():
        accounts.open_account(uow, code=code, currency="CNY")
        if amount_minor:
            posting.post(uow, transfer(f"fill {code}", "bank", code, amount_minor))


def pay(store: Store, new: NewTransfer) -> Transfer:
    return store.run(posting.post, new=new)


def pay_if_it_can(store: Store, new: NewTransfer) -> Transfer | None:
    """The posted row; None while the store cannot say."""
    try:
        return pay(store, new)
    except (OutcomeUnknown, StoreUnavailable):
        return None


def holdings(store: Store) -> dict[str, int]:
    """What every account but the bank has."""

    def look(reader: Reader) -> dict[str, int]:
        rows = reader.sql.rows("SELECT code, credits_posted - debits_posted FROM ledger_account WHERE code <> 'bank'")
        return {str(code): int(amount) for code, amount in rows}

    return store.read(look)


def numbers(store: Store) -> list[tuple[int, str]]:
    """Every transfer's number and id, in order."""

    def look(reader: Reader) -> list[tuple[int, str]]:
        return [(int(seq), str(id)) for seq, id in reader.sql.rows("SELECT seq, id FROM ledger_transfer ORDER BY seq")]

    return store.read(look)
