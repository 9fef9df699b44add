"""The ledger: single transfers and whole batches, on SQLite and PostgreSQL, against the same done plainly."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from shared import one_processor
from shared.db.store import Store
from tests.bench import books, servers
from tests.bench.books import Book
from tests.bench.measure import Measure, together
from tests.bench.references import pgbench
from tests.bench.references.plain_sql import PlainSql
from tests.bench.references.raw_sqlite import RawSqlite
from tests.bench.rounds import Goal, Subject
from tests.bench.scale import Scale

ROOT = Path(__file__).parents[2]

GOALS = [
    Goal("SQLite, single transfers / raw sqlite, one commit each", "sqlite", "raw sqlite", at_least=2.5),
    Goal("SQLite, single transfers / pgbench TPC-B", "sqlite", "pgbench", at_least=3),
    Goal("SQLite, the longest waits (p99, ms)", "sqlite", at_most=25, top="p99_ms"),
    Goal("SQLite, one hot shop / uniform", "sqlite hot", "sqlite", at_least=0.9),
    Goal("SQLite, two processes / one", "sqlite 2 processes", "sqlite", at_least=0.7),
    Goal(
        "SQLite, two processes: p99 / p50", "sqlite 2 processes", "sqlite 2 processes",
        at_most=4, top="p99_ms", bottom="p50_ms",
    ),
    Goal("SQLite, post_many of 1,000 / raw sqlite, one commit each", "sqlite many", "raw sqlite", at_least=5),
    Goal("PostgreSQL, single transfers / pgbench TPC-B", "postgres", "pgbench", at_least=1.8),
    Goal("PostgreSQL, one hot shop / one statement and commit each", "postgres hot", "plain sql hot", at_least=6),
    Goal("PostgreSQL, single transfers / one statement and commit each", "postgres", "plain sql"),
    Goal("PostgreSQL, post_many of 1,000 / pgbench TPC-B", "postgres many", "pgbench", at_least=3.5),
]  # fmt: skip

Pay = Callable[[str, str], object]


@contextmanager
def subjects(folder: Path, scale: Scale, say: Callable[[str], None]) -> Iterator[list[Subject]]:
    """What is measured, for as long as the block; afterwards every ledger's sums are checked."""
    with ExitStack() as stack:
        say("Filling the ledgers…")
        server = stack.enter_context(servers.server(folder))
        stack.enter_context(one_processor.staying(0))  # as a service does, and the references beside it
        on_sqlite = _Callers(books.fill(f"sqlite:///{folder}/ours.db", scale.people), scale)
        raw_book = books.copy(on_sqlite.book, folder / "raw.db")
        on_postgres = _Callers(books.fill(servers.create(server, "ours"), scale.people), scale)
        plain_book = books.fill(servers.create(server, "plain"), scale.people)
        tpc_b = servers.create(server, "tpcb")
        pgbench.set_up(tpc_b, scale=scale.tpc_b_scale)
        servers.settle_down(on_postgres.book.url, plain_book.url)
        for book in (on_sqlite.book, on_postgres.book, raw_book, plain_book):
            stack.callback(books.check, book)
        raw = stack.enter_context(closing(RawSqlite(raw_book.url)))
        plain = stack.enter_context(closing(PlainSql(plain_book.url)))
        for callers in (on_sqlite, on_postgres):
            stack.enter_context(closing(callers))
        yield [
            Subject("raw sqlite", "one commit each, under a mutex", on_sqlite.of(raw.pay), is_reference=True),
            Subject("sqlite", f"{scale.threads} threads, one transfer each", on_sqlite.single),
            Subject("sqlite hot", "everybody pays one shop", on_sqlite.hot),
            Subject("sqlite 2 processes", f"2 x {scale.threads // 2} threads on one file", on_sqlite.two_processes),
            Subject("sqlite many", f"post_many of {scale.at_once:,}", on_sqlite.many),
            Subject(
                "pgbench",
                f"TPC-B, {pgbench.CLIENTS} clients, simple protocol",
                lambda _: pgbench.tpc_b(tpc_b, seconds=scale.tpc_b_seconds),
                is_reference=True,
            ),
            Subject("plain sql", "one statement, one commit each", on_postgres.of(plain.pay), is_reference=True),
            Subject(
                "plain sql hot", "the same, everybody pays one shop",
                on_postgres.of(plain.pay, is_hot=True), is_reference=True,
            ),
            Subject("postgres", f"{scale.threads} threads, one transfer each", on_postgres.single),
            Subject("postgres hot", "everybody pays one shop", on_postgres.hot),
            Subject("postgres many", f"post_many of {scale.at_once:,}", on_postgres.many),
        ]  # fmt: skip


class _Callers:
    """The ways to load a store on a book."""

    def __init__(self, book: Book, scale: Scale) -> None:
        self.book = book
        self._scale = scale
        self._store = Store(book.url)

    def single(self, seed: int) -> Measure:
        return self.of(self._pay)(seed)

    def hot(self, seed: int) -> Measure:
        return self.of(self._pay, is_hot=True)(seed)

    def of(self, pay: Pay, *, is_hot: bool = False) -> Callable[[int], Measure]:
        """Many threads that each pay by this."""

        def run(seed: int) -> Measure:
            return together(
                lambda numbers: pay(*self.book.pair(numbers, is_hot=is_hot)),
                threads=self._scale.threads, seconds=self._scale.seconds, seed=seed,
            )  # fmt: skip

        return run

    def many(self, seed: int) -> Measure:
        """One caller with a thousand transfers at a time."""

        def post(numbers: random.Random) -> None:
            news = [books.new_transfer(*self.book.pair(numbers)) for _ in range(self._scale.at_once)]
            self._store.run(books.post_and_tell, news=news)

        return together(post, threads=1, seconds=self._scale.seconds, seed=seed, each=self._scale.at_once)

    def two_processes(self, seed: int) -> Measure:
        """Two processes at once, with half of the threads each; the worse waits of the two."""
        command = [sys.executable, "-m", "tests.bench.caller", self.book.url, str(self.book.people)]
        command += [str(self._scale.threads // 2), str(self._scale.seconds)]
        with one_processor.free():
            callers = [
                subprocess.Popen([*command, str(seed), str(number)], cwd=ROOT, stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
                for number in range(2)
            ]  # fmt: skip
        for caller in callers:
            assert caller.stdout
            assert caller.stdout.readline() == "ready\n", "a caller did not start"
        for caller in callers:
            assert caller.stdin
            print("go", file=caller.stdin, flush=True)
        said = [json.loads(caller.communicate(timeout=60 + 10 * self._scale.seconds)[0]) for caller in callers]
        return Measure(
            sum(one["rate"] for one in said), *(max(one[key] for one in said) for key in ("p50_ms", "p99_ms"))
        )

    def close(self) -> None:
        self._store.close()

    def _pay(self, debit: str, credit: str) -> None:
        self._store.run(books.pay, new=books.new_transfer(debit, credit))
