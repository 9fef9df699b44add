"""Whether a payment, a balance or a page of a statement costs more once there is a long history."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from shared import clock, one_processor
from shared.db import engine as engines
from shared.db.sql import Sql
from shared.db.store import Store
from shared.ledger import accounts, transfers
from tests.bench import books
from tests.bench.books import Book
from tests.bench.measure import Measure, alone, together
from tests.bench.rounds import Goal, Subject
from tests.bench.scale import Scale

_SLICE = 50_000
_PAGE, _EACH = 20, 25
_NUMBERS = "WITH RECURSIVE n(k) AS (SELECT :first UNION ALL SELECT k + 1 FROM n WHERE k < :last)"
_TRANSFERS = (
    f"{_NUMBERS} INSERT INTO ledger_transfer (seq, id, debit_account, credit_account, amount_minor, currency, kind,"
    " reference, created_at, phase) SELECT k, printf('trf_%026d', k), 'user:' || (k * 7919 % :people),"
    " 'user:' || ((k * 7919 + 1 + k % (:people - 1)) % :people), 1, 'CNY', 'send', '', :now, 'posted' FROM n"
)
_EVENTS = (
    f"{_NUMBERS} INSERT INTO db_event (seq, id, name, created_at, topics, body) SELECT k, printf('evt_%026d', k),"
    " 'transfer.posted', :now, '[\"party:user:' || (k * 7919 % :people) || '\"]',"
    " '{\"transfer\": \"' || printf('trf_%026d', k) || '\", \"seq\": ' || k || ', \"amount_minor\": 1}' FROM n"
)
_SUMS = (
    "UPDATE ledger_account SET"
    " debits_posted = coalesce((SELECT sum(amount_minor) FROM ledger_transfer WHERE debit_account = code), 0),"
    " credits_posted = coalesce((SELECT sum(amount_minor) FROM ledger_transfer WHERE credit_account = code), 0)"
)

GOALS = [
    Goal(
        "a transfer after the long history / after the short one", "long: transfers", "short: transfers", at_least=0.9
    ),
    Goal("a balance after the long history / after the short one", "long: balance", "short: balance", at_least=0.9),
    Goal("the last page after the long history / after the short one", "long: page", "short: page", at_least=0.9),
]


@contextmanager
def subjects(folder: Path, scale: Scale, say: Callable[[str], None]) -> Iterator[list[Subject]]:
    """The same three things on a short and on a long history, for as long as the block."""
    with ExitStack() as stack:
        stack.enter_context(one_processor.staying(0))
        people = min(scale.people, scale.short_history // _EACH)  # so that the short one too fills everybody's page
        empty = books.fill(f"sqlite:///{folder}/short.db", people)
        both = {"short": empty, "long": books.copy(empty, folder / "long.db")}
        found = []
        for name, length in (("short", scale.short_history), ("long", scale.long_history)):
            book = both[name]
            say(f"Writing a history of {length:,} transfers…")
            lengthen(book, length)
            stack.callback(books.check, book)
            store = stack.enter_context(closing(Store(book.url)))
            found += _of(name, book, store, scale, length)
        yield sorted(found, key=lambda subject: subject.name.partition(":")[2])


def lengthen(book: Book, length: int) -> None:
    """Make it a ledger of `length` transfers, with their events and the sums that they make."""
    engine = engines.writer_engine(book.url)
    try:
        for done in range(book.people, length, _SLICE):
            last = min(done + _SLICE, length)
            with engine.begin() as connection:
                sql = Sql(connection.connection.cursor(), "sqlite")
                for statement in (_TRANSFERS, _EVENTS):
                    sql.run(statement, first=done + 1, last=last, people=book.people, now=clock.system_now())
        with engine.begin() as connection:
            sql = Sql(connection.connection.cursor(), "sqlite")
            sql.run(_SUMS)
            sql.run("UPDATE db_head SET transfer_seq = :length, event_seq = :length", length=length)
            sql.run("ANALYZE")
    finally:
        engine.dispose()


def _of(name: str, book: Book, store: Store, scale: Scale, length: int) -> list[Subject]:
    numbers = random.Random(7)

    def pay(seed: int) -> Measure:
        return together(
            lambda own: store.run(books.pay, new=books.new_transfer(*book.pair(own))),
            threads=scale.threads,
            seconds=scale.seconds,
            seed=seed,
        )

    def anyone() -> str:
        return f"user:{numbers.randrange(book.people)}"

    def balance(_: int) -> Measure:
        return alone(lambda: store.read(accounts.balance, code=anyone()), seconds=scale.seconds / 4)

    def page(_: int) -> Measure:
        return alone(lambda: store.read(transfers.of_account, code=anyone(), limit=_PAGE), seconds=scale.seconds / 4)

    about = f"after {length:,} transfers"
    return [
        Subject(f"{name}: transfers", about, pay, is_reference=name == "short"),
        Subject(f"{name}: balance", about, balance, is_reference=name == "short"),
        Subject(f"{name}: page", about, page, is_reference=name == "short"),
    ]
