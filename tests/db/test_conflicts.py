"""Neighbours on one PostgreSQL: other processes that lead their own batches, other sessions that get in the way."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import psycopg
from sqlalchemy.engine import make_url

from shared.db import outbox
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from tests.db.conftest import backends
from tests.db.purses import fill, holdings
from tests.db.waiting import Answer, until
from tests.db.words import Refusal, tell, words
from tests.examples import IS_FULL
from tests.services import ROOT

_PROCESSES, _THREADS = 3, 4
_EACH = 250 if IS_FULL else 25


def test_several_processes_keep_one_dense_numbering_in_the_order_of_commits(
    postgres_url: str, open_store: Callable[[str], Store]
) -> None:
    total = _PROCESSES * _THREADS * _EACH
    store = open_store(postgres_url)
    store.run(fill, balances={"rich": total, "shop": 0})
    command = [sys.executable, "-m", "tests.db.crowd", postgres_url]
    crowd = [
        subprocess.Popen(
            [*command, f"p{n}", str(_THREADS), str(_EACH)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for n in range(_PROCESSES)
    ]  # fmt: skip
    for process in crowd:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    commits = [int(process.communicate("go\n", timeout=120)[0]) for process in crowd]

    assert [process.returncode for process in crowd] == [0] * _PROCESSES
    rows, events = store.read(_rows), _all_events(store)
    assert [seq for seq, _, _ in rows] == list(range(1, total + 2))
    assert [created_at for _, created_at, _ in rows] == sorted(created_at for _, created_at, _ in rows)
    assert {id for _, _, id in rows[1:]} == {
        f"p{p}_{t}_{n}" for p in range(_PROCESSES) for t in range(_THREADS) for n in range(_EACH)
    }
    assert [event[0] for event in events] == list(range(1, total + 1))
    assert [event[1] for event in events] == [id for _, _, id in rows[1:]]
    assert holdings(store) == {"rich": 0, "shop": total}
    assert store.read(_commits) == sum(commits) + 1


def test_a_batch_locks_the_head_before_anything_else(
    postgres_url: str, postgres: str, open_store: Callable[[str], Store]
) -> None:
    store = open_store(postgres_url)
    store.run(tell, word="before")
    with psycopg.connect(postgres_url) as other:
        other.execute("SELECT * FROM db_head FOR UPDATE")
        seen: list[int] = []

        def look(uow: UnitOfWork) -> None:
            seen.append(uow.next_transfer_seqs(1)[0])

        answer = Answer(lambda: store.run(look))
        [pid] = until(lambda: backends(postgres, _database(postgres_url), event="Lock"))
        [statement] = other.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone() or [""]
        assert "FROM db_head" in statement
        assert statement.endswith("FOR UPDATE")
        assert not seen
        other.execute("UPDATE db_head SET transfer_seq = 41")
        other.commit()
    assert answer.wait().error is None
    assert seen == [42]


def test_a_batch_that_loses_a_deadlock_is_run_again(
    postgres_url: str, postgres: str, open_store: Callable[[str], Store]
) -> None:
    """Another session holds a purse and wants the head; the batch holds the head and wants the purse."""
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {_database(postgres_url)} SET deadlock_timeout = '100ms'")
    store = open_store(postgres_url)
    store.run(fill, balances={"ana": 100})
    with psycopg.connect(postgres_url) as other:
        other.execute("SET LOCAL deadlock_timeout = '1h'")
        other.execute("UPDATE ledger_account SET opened_at = 1 WHERE code = 'ana'")
        wants_head: list[Answer] = []

        def touch(uow: UnitOfWork, *, word: str) -> int:
            if not wants_head:
                wants_head.append(Answer(lambda: _take_head_and_commit(other)))
                until(lambda: _waits(postgres_url, other.info.backend_pid))
            uow.sql.run("UPDATE ledger_account SET opened_at = opened_at + 1 WHERE code = 'ana'")
            return tell(uow, word=word)

        assert store.run(touch, word="told") == 1
        assert wants_head[0].wait().error is None
    assert store.retries == {"40P01": 1}
    assert words(store) == ["told"]
    assert store.read(_opened_at) == 2


def test_a_batch_that_cannot_be_put_in_order_with_another_session_is_run_again_whole(
    postgres_url: str, open_store: Callable[[str], Store]
) -> None:
    """On a URL that asks for SERIALIZABLE: another session changes a row after the batch's picture of it."""
    options = "options=-c%20default_transaction_isolation%3Dserializable"
    store = open_store(f"{postgres_url}{'&' if '?' in postgres_url else '?'}{options}")
    store.run(fill, balances={"ana": 100})
    runs: list[str] = []

    def touch(uow: UnitOfWork, *, word: str) -> int:
        runs.append(word)
        if len(runs) == 1:
            with psycopg.connect(postgres_url) as other:
                other.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
                other.execute("UPDATE ledger_account SET opened_at = 10 WHERE code = 'ana'")
        uow.sql.run("UPDATE ledger_account SET opened_at = opened_at + 1 WHERE code = 'ana'")
        return tell(uow, word=word)

    assert store.run(touch, word="told") == 1
    assert store.retries == {"40001": 1}
    assert runs == ["told", "told"]
    assert words(store) == ["told"]
    assert store.read(_opened_at) == 11


def test_a_conflict_that_never_ends_is_refused_after_a_bounded_number_of_tries(postgres_url: str) -> None:
    store = Store(postgres_url, deadline_s=0.2)
    try:

        def conflict(uow: UnitOfWork) -> None:
            uow.sql.run("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")

        answer = Answer(lambda: store.run(conflict))
        assert getattr(answer.wait().error, "code", "") == "store_unavailable"
        assert 2 <= store.retries["40001"] <= 20
        assert store.run(tell, word="after") == 1
    finally:
        store.close()


def test_a_shortage_inside_one_action_refuses_that_action_alone(
    postgres_url: str, open_store: Callable[[str], Store]
) -> None:
    store = open_store(postgres_url)

    def tell_on_a_full_disk(uow: UnitOfWork, *, word: str) -> None:
        tell(uow, word=word)
        uow.sql.run("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$")

    def tell_two(uow: UnitOfWork) -> None:
        raise Refusal()

    full, refused = Answer(lambda: store.run(tell_on_a_full_disk, word="lost")), Answer(lambda: store.run(tell_two))
    assert getattr(full.wait().error, "code", "") == "store_unavailable"
    assert isinstance(refused.wait().error, Refusal)
    assert store.run(tell, word="kept") == 1
    assert words(store) == ["kept"]


def _database(url: str) -> str:
    return str(make_url(url).database)


def _rows(reader: Reader) -> list[tuple[int, int, str]]:
    rows = reader.sql.rows("SELECT seq, created_at, id FROM ledger_transfer ORDER BY seq")
    return [(int(seq), int(created_at), str(id)) for seq, created_at, id in rows]


def _all_events(store: Store) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    while events := store.read(outbox.events_after, seq=len(found)):
        found += [(event.seq, event.body["word"]) for event in events]
    return found


def _commits(reader: Reader) -> int:
    [(commits,)] = reader.sql.rows("SELECT commits FROM db_head")
    return int(commits)


def _opened_at(reader: Reader) -> int:
    [(opened_at,)] = reader.sql.rows("SELECT opened_at FROM ledger_account WHERE code = 'ana'")
    return int(opened_at)


def _take_head_and_commit(other: psycopg.Connection[tuple[object, ...]]) -> None:
    other.execute("UPDATE db_head SET clock_offset_ms = clock_offset_ms")
    other.commit()


def _waits(url: str, pid: int) -> bool:
    with psycopg.connect(url) as looking:
        row = looking.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone()
    return row == ("Lock",)
