"""A backup is one moment of the database, although payments go on before, during and after it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from shared.backup import writing
from shared.config import Config
from shared.db.store import Store
from shared.db.unit import Reader
from shared.payments import audit
from tests.backup.places import place, restore
from tests.examples import IS_FULL
from tests.world import Member, World

PAYERS = 8
PAYMENTS_DURING = 4000 if IS_FULL else 160
BALANCE_MINOR = 50_000


class Payers:
    """Eight people who pay each other in a ring, each in a thread, until they are told to stop."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.members = [world.person(f"p{number}", balance_minor=BALANCE_MINOR) for number in range(PAYERS)]
        self._paid = threading.Semaphore(0)
        self._stop = threading.Event()
        self.troubles: list[BaseException] = []

    @contextmanager
    def at_work(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._pay, args=(number,)) for number in range(PAYERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def wait_for(self, payments: int) -> None:
        """Until so many more payments are made, from now on."""
        while self._paid.acquire(blocking=False):
            pass
        for _ in range(payments):
            assert self._paid.acquire(timeout=60), self.troubles

    def _pay(self, number: int) -> None:
        payer, payee = self.members[number], self.members[(number + 1) % PAYERS]
        try:
            while not self._stop.is_set():
                self._world.execute(self._world.transfer(payer, payee, 1))
                self._paid.release()
        except BaseException as error:
            self.troubles.append(error)
            raise


def test_a_backup_while_eight_threads_pay_is_one_moment(world: World, home: Config, tmp_path: Path) -> None:
    away = place(tmp_path / "away")
    payers = Payers(world)
    seen: list[str] = []

    def watch(table: str, _rows: int) -> None:
        """Payments go on between two pages: the backup waits for them."""
        if not seen:
            payers.wait_for(PAYMENTS_DURING)
        seen.append(table)

    with payers.at_work():
        payers.wait_for(PAYERS)
        manifest = writing.back_up(home, tmp_path / "b.zip", is_replacing=False, with_secret=False, progress=watch)
        at_end = world.store.read(_transfer_seq)
        payers.wait_for(PAYERS)
    assert payers.troubles == []
    assert at_end - manifest.heads["transfer_seq"] >= PAYMENTS_DURING - PAYERS, "they were made while it was written"
    assert seen.index("ledger_account") < seen.index("ledger_transfer")

    done = restore(away, tmp_path / "b.zip", is_verifying=True)
    assert done.report
    assert done.report.transfers == manifest.heads["transfer_seq"] == manifest.tables["ledger_transfer"].rows
    with closing(Store(away.database_url)) as store:
        there = World(store)
        assert store.read(_transfer_seq) == manifest.heads["transfer_seq"]
        assert sum(there.balance(member) for member in payers.members) == PAYERS * BALANCE_MINOR
        assert [there.balance(member) for member in payers.members] == store.read(_summed, members=payers.members)
    assert world.store.read(audit.run).faults == []


def test_two_backups_at_once_do_not_mind_each_other(sqlite_world: World, sqlite_home: Config, tmp_path: Path) -> None:
    home = sqlite_home
    sqlite_world.person("ana")
    inner: list[Callable[[], object]] = [
        lambda: writing.back_up(
            home, tmp_path / "2.zip", is_replacing=False, with_secret=False, progress=lambda *_: None
        )
    ]

    def once_more(_table: str, _rows: int) -> None:
        if inner:
            inner.pop()()

    first = writing.back_up(home, tmp_path / "1.zip", is_replacing=False, with_secret=False, progress=once_more)
    assert inner == []
    for name in ("1", "2"):
        done = restore(place(tmp_path / f"away{name}"), tmp_path / f"{name}.zip", is_verifying=True)
        assert done.manifest.tables == first.tables


def _transfer_seq(reader: Reader) -> int:
    [(seq,)] = reader.sql.rows("SELECT transfer_seq FROM db_head")
    return int(seq)


def _summed(reader: Reader, *, members: list[Member]) -> list[int]:
    """Everybody's balance by their transfers alone."""
    query = (
        "SELECT coalesce(sum(CASE WHEN credit_account = :code THEN amount_minor ELSE -amount_minor END), 0)"
        " FROM ledger_transfer WHERE credit_account = :code OR debit_account = :code"
    )
    return [int(reader.sql.rows(query, code=f"user:{member.id}")[0][0]) for member in members]
