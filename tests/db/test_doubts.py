"""A commit whose outcome is unknown is learnt, on the same database, through a wire that breaks at the worst moment."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy.engine import make_url

from shared import faults
from shared.db.store import OutcomeUnknown, Store, StoreUnavailable
from tests.db.conftest import OwnServer, backends
from tests.db.proxy import AtCommit, Proxy
from tests.db.purses import fill, holdings, pay, pay_if_it_can, transfer
from tests.db.waiting import Answer, until
from tests.db.words import Refusal, tell, tell_and_refuse, words


def database(url: str) -> str:
    return str(make_url(url).database)


@pytest.mark.parametrize(
    ("fate", "learnt"), [(AtCommit.LOSE, "undone"), (AtCommit.LOSE_ANSWER, "committed")], ids=["lost", "answer lost"]
)
def test_a_commit_without_an_answer_is_learnt_and_answered_once(
    wire: Proxy, fate: AtCommit, learnt: str, open_store: Callable[[str], Store]
) -> None:
    store = open_store(wire.url)
    store.run(tell, word="before")
    wire.at_commit = fate

    assert store.run(tell, word="struck") == 2
    assert (store.doubts, store.retries) == ({learnt: 1}, {})
    assert store.run(tell, word="after") == 3
    assert words(store) == ["before", "struck", "after"]
    assert store.batch_sizes == {1: 3}


@pytest.mark.parametrize("fate", [AtCommit.LOSE, AtCommit.LOSE_ANSWER], ids=["lost", "answer lost"])
def test_in_a_whole_batch_each_acknowledged_word_is_there_once_and_each_refused_one_is_not(
    wire: Proxy, fate: AtCommit, open_store: Callable[[str], Store]
) -> None:
    store = open_store(wire.url)
    gate = _held_at_commit(store)
    good = [Answer(lambda n=n: store.run(tell, word=f"good {n}")) for n in range(8)]
    bad = [Answer(lambda n=n: store.run(tell_and_refuse, word=f"bad {n}")) for n in range(4)]
    until(lambda: store.waiting == 12)
    wire.at_commit = fate
    gate()

    assert all(answer.wait().error is None for answer in good)
    assert all(isinstance(answer.wait().error, Refusal) for answer in bad)
    assert sorted(words(store)) == sorted(["first", *(f"good {n}" for n in range(8))])
    assert sorted(int(str(answer.value)) for answer in good) == sorted(set(range(1, 10)) - {1})
    assert sum(store.doubts.values()) == 1


def test_a_commit_that_arrives_late_is_waited_for_before_it_is_judged(
    wire: Proxy, postgres: str, open_store: Callable[[str], Store]
) -> None:
    """Whoever looks for the token holds the head's lock, so a transaction that still runs has ended."""
    store = Store(wire.url, deadline_s=2)
    try:
        wire.at_commit = AtCommit.DELIVER_LATE
        answer = Answer(lambda: store.run(tell, word="late"))
        until(lambda: backends(postgres, database(wire.url), event="Lock"))
        assert not answer.is_there
        wire.may_deliver.set()

        assert answer.wait().value == 1
        assert store.doubts == {"committed": 1}
        assert words(store) == ["late"]
    finally:
        store.close()


def test_a_commit_that_never_arrives_is_refused_and_nothing_is_there(wire: Proxy) -> None:
    store = Store(wire.url, deadline_s=0.5)
    try:
        wire.at_commit = AtCommit.HOLD
        with pytest.raises(StoreUnavailable):
            store.run(tell, word="held")
        assert store.doubts == {"undone": 1}
        assert store.run(tell, word="after") == 1
        assert words(store) == ["after"]
    finally:
        store.close()


def test_what_cannot_be_learnt_in_time_stays_unknown_and_the_same_id_gives_the_first_answer(
    postgres_url: str, postgres: str, frozen: list[int]
) -> None:
    """The server's process is stopped with the COMMIT in its ear; later it goes on and commits."""
    store = Store(postgres_url, deadline_s=0.5)
    try:
        store.run(fill, balances={"ana": 100, "tea": 0})
        tea = transfer("trf_1", "ana", "tea", 60)

        def freeze() -> None:
            faults.set_fault("store.before_commit", None)
            frozen.extend(backends(postgres, database(postgres_url), event="ClientRead"))
            for pid in frozen:
                os.kill(pid, signal.SIGSTOP)

        faults.set_fault("store.before_commit", freeze)
        with pytest.raises(OutcomeUnknown):
            pay(store, tea)
        assert store.doubts == {"unknown": 1}
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
        frozen.clear()

        first = until(lambda: pay_if_it_can(store, tea))
        assert first
        assert (first.id, first.seq) == ("trf_1", 2)
        assert holdings(store) == {"ana": 40, "tea": 60}
    finally:
        store.close()


def test_while_a_standby_is_missing_a_cancelled_wait_is_no_commit(own_server: OwnServer) -> None:
    """COMMIT answers with a mere warning then; the call is answered when the standby's wait has really ended."""
    url = own_server.fresh_database()
    store = Store(url)
    try:
        own_server.wait_for_standby("nobody")
        answer = Answer(lambda: store.run(tell, word="on one disk"))
        [(pid, began)] = until(lambda: _sync_waits(own_server, url))
        own_server.sql(f"SELECT pg_cancel_backend({pid})")
        until(lambda: [wait for wait in _sync_waits(own_server, url) if wait[1] != began])
        assert not answer.is_there
        own_server.wait_for_standby("")

        assert answer.wait().value == 1
        assert store.doubts == {"committed": 1}
        assert words(store) == ["on one disk"]
    finally:
        own_server.wait_for_standby("")
        store.close()


def test_a_commit_that_no_standby_confirms_in_time_is_unknown_and_its_replay_waits_too(own_server: OwnServer) -> None:
    url = own_server.fresh_database()
    store = Store(url, deadline_s=0.5)
    try:
        store.run(fill, balances={"ana": 100, "tea": 0})
        tea = transfer("trf_1", "ana", "tea", 60)
        own_server.wait_for_standby("nobody")
        with pytest.raises(OutcomeUnknown):
            pay(store, tea)
        with pytest.raises((OutcomeUnknown, StoreUnavailable)):
            pay(store, tea)
        assert holdings(store) == {"ana": 100, "tea": 0}  # no reader sees what one disk alone has
        own_server.wait_for_standby("")

        assert until(lambda: pay_if_it_can(store, tea)) == pay(store, tea)
        assert holdings(store) == {"ana": 40, "tea": 60}
    finally:
        own_server.wait_for_standby("")
        store.close()


def test_a_token_is_written_with_every_batch_and_old_ones_are_forgotten(
    postgres_url: str, open_store: Callable[[str], Store]
) -> None:
    store = open_store(postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("INSERT INTO db_commit SELECT 'old ' || n, n FROM generate_series(98998, 99003) AS n")
        connection.execute("UPDATE db_head SET commits = 198998")
        store.run(tell, word="198999")
        store.run(tell, word="199000")
        kept = [row[0] for row in connection.execute("SELECT commits FROM db_commit ORDER BY commits").fetchall()]
    assert kept == [99001, 99002, 99003, 198999, 199000]


def _held_at_commit(store: Store) -> Callable[[], None]:
    """A first batch that stops before its COMMIT; what is answered lets it go on."""
    arrived, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        faults.set_fault("store.before_commit", None)
        arrived.set()
        go_on.wait(30)

    faults.set_fault("store.before_commit", hold)
    Answer(lambda: store.run(tell, word="first"))
    assert arrived.wait(30)
    return go_on.set


def _sync_waits(server: OwnServer, url: str) -> list[tuple[object, ...]]:
    """The process and the start of each COMMIT that waits for a standby."""
    return server.sql(
        f"SELECT pid, query_start FROM pg_stat_activity WHERE datname = '{database(url)}' AND wait_event = 'SyncRep'"
    )
