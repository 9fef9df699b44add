"""Lines that break, servers that crash or freeze: what was acknowledged is there once, what was refused is not."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from shared import faults
from shared.db import outbox
from shared.db.store import OutcomeUnknown, Store, StoreUnavailable
from shared.db.unit import Reader, UnitOfWork
from shared.errors import DomainError
from tests.db.conftest import OwnServer, backends
from tests.db.proxy import Proxy
from tests.db.purses import fill, holdings, numbers, pay, transfer
from tests.db.waiting import Answer, until
from tests.db.words import Refusal, in_threads, tell, tell_and_refuse, words


class Gate:
    """Holds the next batches before their COMMIT, one after the other, each until it is let through."""

    def __init__(self, batches: int) -> None:
        self._arrived = [threading.Event() for _ in range(batches)]
        self._may_go = [threading.Event() for _ in range(batches)]
        self._count = 0
        faults.set_fault("store.before_commit", self._hold)

    def _hold(self) -> None:
        number, self._count = self._count, self._count + 1
        if self._count == len(self._may_go):
            faults.set_fault("store.before_commit", None)
        self._arrived[number].set()
        assert self._may_go[number].wait(60)

    def wait_for(self, number: int) -> None:
        """Wait until this batch stands at the gate."""
        assert self._arrived[number].wait(60)

    def open(self, number: int) -> None:
        """Let this batch through."""
        self._may_go[number].set()


def database(url: str) -> str:
    return str(make_url(url).database)


def test_a_line_that_breaks_before_the_commit_costs_nobody_anything(
    wire: Proxy, open_store: Callable[[str], Store], caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(wire.url)
    runs: list[str] = []

    def tell_and_lose_the_line(uow: UnitOfWork, *, word: str) -> int:
        seq = tell(uow, word=word)
        if not runs:
            wire.cut()
        runs.append(word)
        return seq

    assert store.run(tell_and_lose_the_line, word="once") == 1
    assert (store.retries, store.doubts) == ({"lost": 1}, {})
    assert runs == ["once", "once"]
    assert words(store) == ["once"]
    assert caplog.messages == []


def test_a_line_that_broke_while_nobody_used_it_is_replaced(wire: Proxy, open_store: Callable[[str], Store]) -> None:
    store = open_store(wire.url)
    store.run(tell, word="before")
    assert words(store) == ["before"]
    wire.cut()
    assert words(store) == ["before"]
    assert store.run(tell, word="after") == 2
    assert store.retries == {"lost": 1}


def test_a_line_that_breaks_inside_an_action_runs_the_whole_batch_again_and_refuses_the_same(
    wire: Proxy, open_store: Callable[[str], Store]
) -> None:
    store = open_store(wire.url)
    runs: list[str] = []

    def tell_on_a_bad_line(uow: UnitOfWork, *, word: str) -> int:
        runs.append(word)
        if len(runs) == 1:
            wire.cut()
        uow.execute(text("SELECT 1"))
        return tell(uow, word=word)

    gate = Gate(1)
    first = Answer(lambda: store.run(tell, word="first"))
    gate.wait_for(0)
    answers = [
        Answer(lambda: store.run(tell_and_refuse, word="refused")),
        Answer(lambda: store.run(tell_on_a_bad_line, word="told")),
        Answer(lambda: store.run(tell, word="neighbour")),
    ]
    until(lambda: store.waiting == 3)
    gate.open(0)
    refused, *told = [answer.wait() for answer in answers]
    assert first.wait().error is None
    assert isinstance(refused.error, Refusal)
    assert {answer.value for answer in told} == {2, 3}
    assert runs == ["told", "told"]
    assert sorted(words(store)) == ["first", "neighbour", "told"]


def test_a_read_whose_line_breaks_is_read_again_without_a_word_in_the_log(
    wire: Proxy, open_store: Callable[[str], Store], caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(wire.url)
    store.run(tell, word="one")
    looks: list[int] = []

    def look(reader: Reader) -> int:
        looks.append(outbox.last_seq(reader))
        if len(looks) == 1:
            wire.cut()
        return outbox.last_seq(reader)

    assert store.read(look) == 1
    assert looks == [1, 1]
    assert caplog.messages == []


def test_a_server_that_is_not_there_is_said_so_and_then_at_once(wire: Proxy) -> None:
    store = Store(wire.url, deadline_s=0.3)
    try:
        wire.close()
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                store.run(tell, word="nowhere")
            with pytest.raises(StoreUnavailable):
                store.read(outbox.last_seq)
        assert store.retries["lost"] > 2
        tried = store.retries["lost"]
        with pytest.raises(StoreUnavailable):
            store.run(tell, word="nowhere")
        assert store.retries["lost"] == tried + 1
    finally:
        store.close()


def test_of_several_hosts_the_one_that_writes_is_found(wire: Proxy, open_store: Callable[[str], Store]) -> None:
    gone = Proxy(f"postgresql://x@/{database(wire.url)}?host=/nowhere")
    gone.close()
    name = database(wire.url)
    store = open_store(f"postgres://postgres@/{name}?host=127.0.0.1:{gone.port}&host=127.0.0.1:{wire.port}")
    assert store.run(tell, word="found") == 1
    wire.cut()
    assert store.run(tell, word="found again") == 2
    assert words(store) == ["found", "found again"]


def test_a_frozen_process_of_the_server_does_not_hold_a_call_for_ever(
    postgres_url: str, postgres: str, frozen: list[int]
) -> None:
    store = Store(postgres_url, deadline_s=0.5)
    try:
        store.run(tell, word="before")
        assert words(store) == ["before"]
        for pid in backends(postgres, database(postgres_url)):
            frozen.append(pid)
            os.kill(pid, signal.SIGSTOP)
        with pytest.raises(StoreUnavailable):
            store.run(tell, word="into the ice")
        assert store.run(tell, word="after") == 2
        assert words(store) == ["before", "after"]  # the reader's frozen line is replaced too
    finally:
        store.close()


def test_with_the_whole_server_frozen_every_caller_is_answered_and_nothing_is_kept(
    own_server: OwnServer, frozen: list[int]
) -> None:
    store = Store(own_server.fresh_database(), deadline_s=0.5)
    try:
        store.run(tell, word="before")
        for process in [own_server.process, *own_server.process.children()]:
            frozen.append(process.pid)
            process.suspend()
        errors: list[DomainError] = []

        def call(number: int) -> None:
            with pytest.raises((StoreUnavailable, OutcomeUnknown)) as caught:
                store.run(tell, word=f"into the ice {number}")
            errors.append(caught.value)

        in_threads([lambda n=n: call(n) for n in range(6)])
        with pytest.raises(StoreUnavailable):
            store.read(outbox.last_seq)
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
        frozen.clear()

        assert [error.code for error in errors] == ["store_unavailable"] * 6
        assert until(lambda: _told(store, "thawed"))
        assert words(store) == ["before", "thawed"]
    finally:
        store.close()


def test_a_caller_whose_turn_does_not_come_is_refused_and_its_action_never_runs(postgres_url: str) -> None:
    store = Store(postgres_url, deadline_s=0.3)
    try:
        gate = Gate(1)
        first = Answer(lambda: store.run(tell, word="first"))
        gate.wait_for(0)
        second = Answer(lambda: store.run(tell, word="second"))
        assert isinstance(second.wait().error, StoreUnavailable)
        gate.open(0)
        assert first.wait().value == 1
        assert words(store) == ["first"]
        assert store.run(tell, word="third") == 2
    finally:
        store.close()


def test_a_caller_whose_call_was_taken_and_not_answered_in_time_is_told_that_nobody_knows(postgres_url: str) -> None:
    """A batch can hang in this process too; the server then ends its silent transaction, so that others can go on."""
    store = Store(postgres_url, deadline_s=0.2)
    try:
        gate = Gate(2)
        first = Answer(lambda: store.run(tell, word="first"))
        gate.wait_for(0)
        pair = [Answer(lambda n=n: store.run(tell, word=f"pair {n}")) for n in range(2)]
        until(lambda: store.waiting == 2)
        gate.open(0)
        assert first.wait().value == 1
        gate.wait_for(1)
        [follower] = until(lambda: [answer for answer in pair if answer.is_there])
        assert isinstance(follower.error, OutcomeUnknown)
        gate.open(1)
        [leader] = [answer.wait() for answer in pair if answer is not follower]
        assert isinstance(leader.error, StoreUnavailable)
        assert words(store) == ["first"]
        assert store.run(tell, word="after") == 2
    finally:
        store.close()


def test_a_server_that_crashes_under_load_and_comes_back_keeps_every_acknowledged_transfer_once(
    own_server: OwnServer,
) -> None:
    store = Store(own_server.fresh_database())
    acknowledged: list[str] = []
    unknown: list[str] = []
    crashed = threading.Event()
    threads, each = 8, 25
    try:
        store.run(fill, balances={"rich": threads * each, "shop": 0})

        def pay_often(thread: int) -> None:
            for number in range(each):
                if number == 10:
                    crashed.wait(30)
                id = f"trf_{thread}_{number}"
                try:
                    assert pay(store, transfer(id, "rich", "shop", 1)).id == id
                    acknowledged.append(id)
                except OutcomeUnknown:
                    unknown.append(id)
                except StoreUnavailable:
                    pass
                if number == 9 and thread == 0:
                    own_server.crash()
                    crashed.set()
                    own_server.start()

        in_threads([lambda n=n: pay_often(n) for n in range(threads)])
        rows = numbers(store)
        posted = [id for _, id in rows if id.startswith("trf_")]
        assert [seq for seq, _ in rows] == list(range(1, len(rows) + 1))
        assert len(posted) == len(set(posted))
        assert set(acknowledged) <= set(posted) <= set(acknowledged) | set(unknown)
        assert holdings(store) == {"rich": threads * each - len(posted), "shop": len(posted)}
        assert len(acknowledged) > threads * 10
        assert store.retries or store.doubts
    finally:
        store.close()


def _told(store: Store, word: str) -> bool:
    try:
        store.run(tell, word=word)
    except (StoreUnavailable, OutcomeUnknown):
        return False
    return True
