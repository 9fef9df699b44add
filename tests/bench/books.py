"""The ledger that is measured: our own schema by our own migrations, filled with accounts that hold money."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared import clock, ids
from shared.db.migrate import migrate
from shared.db.store import Store, batched
from shared.db.unit import Reader, UnitOfWork
from shared.errors import DomainError
from shared.events import party_topic
from shared.ledger import accounts, audit, posting
from shared.ledger.transfers import NewTransfer, Transfer

REALM = "saoma-bench"
FUNDS_MINOR = 10**9
AMOUNT_MINOR = 7


@dataclass(frozen=True)
class Book:
    """A filled ledger at `url`. Accounts are `user:0` … `user:<people - 1>`; `user:0` is the hot shop."""

    url: str
    people: int

    def pair(self, numbers: random.Random, *, is_hot: bool = False) -> tuple[str, str]:
        """Who pays whom: two at random, or somebody at random the one hot shop."""
        payer = numbers.randrange(1, self.people)
        payee = 0 if is_hot else numbers.randrange(1, self.people - 1)
        return f"user:{payer}", f"user:{payee + (payee >= payer)}"


def new_transfer(debit: str, credit: str) -> NewTransfer:
    """A payment of a few cents under a fresh id."""
    return NewTransfer(ids.new_id("trf", clock.system_now()), debit, credit, AMOUNT_MINOR, "CNY", "send")


def event_body(transfer_id: str, seq: int, debit: str, credit: str) -> dict[str, Any]:
    """What the event of a transfer says: as much as the product's own says."""
    return {
        "transfer": transfer_id,
        "seq": seq,
        "kind": "send",
        "amount_minor": AMOUNT_MINOR,
        "currency": "CNY",
        "payer": debit,
        "payee": credit,
        "payee_id": credit,
    }


def topics(debit: str, credit: str) -> list[str]:
    """Who hears of a transfer."""
    return [party_topic(debit), party_topic(credit)]


def pay_many(uow: UnitOfWork, calls: Sequence[Mapping[str, Any]]) -> list[Transfer | DomainError]:
    """Post each call's transfer and emit its event: what every paying verb of the product does at least."""
    return post_and_tell(uow, news=[call["new"] for call in calls])


pay = batched(pay_many)


def post_and_tell(uow: UnitOfWork, *, news: Sequence[NewTransfer]) -> list[Transfer | DomainError]:
    """Post many transfers at once, each with its event."""
    answers = posting.post_many(uow, news)
    for row in answers:
        if isinstance(row, DomainError):
            raise row
        body = event_body(row.id, row.seq, row.debit_account, row.credit_account)
        uow.emit("transfer.posted", topics(row.debit_account, row.credit_account), **body)
    return answers


def fill(url: str, people: int) -> Book:
    """Migrate the database and open the accounts, each with money on it."""
    migrate(url, realm=REALM)
    store = Store(url)
    try:
        store.run(_open_accounts, people=people)
    finally:
        store.close()
    return Book(url, people)


def copy(book: Book, path: Path) -> Book:
    """The same SQLite ledger again, in a file of its own."""
    shutil.copyfile(book.url.removeprefix("sqlite:///"), path)
    return Book(f"sqlite:///{path}", book.people)


def check(book: Book) -> None:
    """AssertionError unless every sum is exact and no event is missing: a fast wrong ledger does not count."""
    store = Store(book.url)
    try:
        wrong = store.read(lambda reader: list(audit.faults(reader)))
        assert not wrong, wrong[:3]
        counts = store.read(_counts)
        assert counts[0] == counts[1] == counts[2], f"transfers, events and the head's count differ: {counts}"
    finally:
        store.close()


def _counts(reader: Reader) -> tuple[int, int, int]:
    [(transfers, events, head)] = reader.sql.rows(
        "SELECT (SELECT count(*) FROM ledger_transfer), (SELECT count(*) FROM db_event), event_seq FROM db_head"
    )
    return transfers, events, head


def _open_accounts(uow: UnitOfWork, *, people: int) -> None:
    accounts.open_account(uow, code="bank", currency="CNY", may_overdraw=True)
    for number in range(people):
        accounts.open_account(uow, code=f"user:{number}", currency="CNY", owner_id=f"usr_{number}")
    news = [
        NewTransfer(ids.new_id("trf", uow.now), "bank", f"user:{number}", FUNDS_MINOR, "CNY", "top_up")
        for number in range(people)
    ]
    post_and_tell(uow, news=news)
