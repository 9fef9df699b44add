"""The ledger read by itself, for stories that hold what pages say against it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from shared.db.unit import Reader
from shared.payments import audit
from shared.settlement import files, reconcile
from tests.services import Services


@dataclass(frozen=True)
class Books:
    """The ledger, read by itself: its posted transfers in their order, accounts without their owners' ids."""

    rows: list[tuple[str, str, int, str]]
    """Debit account, credit account, minor units, reference."""
    people: dict[str, int]
    """What each person has, by handle: credits less debits."""

    @classmethod
    def of(cls, reader: Reader) -> Books:
        rows = reader.sql.rows(
            "SELECT debit_account, credit_account, amount_minor, reference FROM ledger_transfer"
            " WHERE phase = 'posted' ORDER BY seq"
        )
        owners = reader.sql.rows("SELECT handle, 'user:' || id FROM identity_party WHERE kind = 'user'")
        has = {who: sum(amount * ((to == own) - (out == own)) for out, to, amount, _ in rows) for who, own in owners}
        return cls([(out.partition(":")[0], to.partition(":")[0], *rest) for out, to, *rest in rows], has)

    def moved(self, debit: str, credit: str) -> list[int]:
        """The amounts that went from one kind of account to another."""
        return [amount for out, to, amount, _ in self.rows if (out, to) == (debit, credit)]

    def balance(self, account: str) -> int:
        """Credits less debits of all accounts of a kind."""
        return sum(amount * ((to == account) - (out == account)) for out, to, amount, _ in self.rows)

    @property
    def payments(self) -> dict[str, int]:
        """What each payment took."""
        return {reference: amount for out, to, amount, reference in self.rows if (out, to) == ("user", "shop")}

    @property
    def taken(self) -> int:
        return sum(self.moved("user", "shop"))

    @property
    def refunded(self) -> int:
        return sum(self.moved("shop", "user"))

    @property
    def made_good(self) -> int:
        """What the house gave back for the shop."""
        return sum(self.moved("disputes", "user"))


def nothing_is_wrong(services: Services, *, batches: int) -> None:
    """The audit finds no fault; sales, ledger and settlement files no difference."""
    with closing(services.store()) as store:
        report = reconcile.run(store, folder=services.data_dir / files.FOLDER)
        faults = store.read(audit.run, config=services.config).faults
    assert faults == []
    assert (report.batches, report.files, list(report.differences)) == (batches, batches, [])
