"""The one writer: results, errors, savepoints, dense numbering, groups, and answers only after the commit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

import pytest
from sqlalchemy import text

from shared import faults
from shared.db import outbox
from shared.db.once import BadIdempotencyKey, once
from shared.db.store import Store, StoreUnavailable, batched
from shared.db.unit import Reader, UnitOfWork
from shared.errors import DomainError, IdempotencyConflict
from tests.db.waiting import until
from tests.db.words import Refusal, in_threads, tell, tell_and_refuse, words


def tell_and_break(uow: UnitOfWork, *, word: str) -> int:
    uow.emit("word.told", ["party:x"], word=word)
    uow.execute(text("INSERT INTO no_such_table VALUES (1)"))
    return 0


def test_an_event_that_is_no_json_fails_its_action_alone(store: Store) -> None:
    for body in (b"raw", object()):
        with pytest.raises(TypeError):
            store.run(lambda uow, body=body: uow.emit("thing.happened", ["party:x"], body=body))
    assert store.run(tell, word="kept") == 1


def test_an_action_returns_its_value_and_its_event_is_there(store: Store) -> None:
    assert store.run(tell, word="one") == 1
    assert words(store) == ["one"]


def test_a_refused_action_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(Refusal):
        store.run(tell_and_refuse, word="lost")
    assert store.run(tell, word="kept") == 1
    assert words(store) == ["kept"]


def test_a_broken_action_is_undone_and_the_store_goes_on(store: Store) -> None:
    with pytest.raises(Exception, match="no_such_table"):
        store.run(tell_and_break, word="lost")
    store.run(tell, word="kept")
    assert words(store) == ["kept"]


def test_an_action_sees_nothing_of_the_request_that_happens_to_lead(store: Store) -> None:
    request = ContextVar("request", default="none")
    request.set("the leader's")
    assert store.run(lambda _: request.get()) == "none"
    assert request.get() == "the leader's"


def test_neighbours_in_a_batch_do_not_spoil_each_other_and_numbers_stay_dense(store: Store) -> None:
    refused: list[str] = []

    def bad(action: Callable[..., int], word: str) -> None:
        try:
            store.run(action, word=word)
        except Exception as error:
            refused.append(type(error).__name__)

    jobs: list[Callable[[], object]] = []
    for number in range(24):
        jobs.append(lambda number=number: store.run(tell, word=f"good {number}"))
        jobs.append(lambda number=number: bad(tell_and_break if number % 2 else tell_and_refuse, f"bad {number}"))
    in_threads(jobs)
    events = store.read(outbox.events_after, seq=0)
    assert sorted(event.body["word"] for event in events) == sorted(f"good {number}" for number in range(24))
    assert [event.seq for event in events] == list(range(1, 25))
    assert len(refused) == 24


def test_callers_that_wait_share_a_commit(store: Store) -> None:
    """While the first commit is held back, the others queue; they are then committed together."""
    arrived, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        faults.set_fault("store.before_commit", None)
        arrived.set()
        go_on.wait(10)

    faults.set_fault("store.before_commit", hold)
    first = threading.Thread(target=lambda: store.run(tell, word="first"))
    first.start()
    assert arrived.wait(10)
    others = [threading.Thread(target=lambda n=n: store.run(tell, word=f"{n}")) for n in range(20)]
    for thread in others:
        thread.start()
    until(lambda: store.waiting == 20)
    go_on.set()
    for thread in [first, *others]:
        thread.join()
    assert store.batch_sizes == {1: 1, 20: 1}


def test_nobody_is_answered_before_the_commit(store: Store) -> None:
    answered = threading.Event()
    seen_early: list[bool] = []

    def look() -> None:
        faults.set_fault("store.before_commit", None)
        seen_early.append(answered.is_set())

    faults.set_fault("store.before_commit", look)

    def call() -> None:
        store.run(tell, word="x")
        answered.set()

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    assert seen_early == [False]
    assert answered.is_set()


def test_a_batched_verb_gets_all_its_waiting_calls_and_answers_each(store: Store) -> None:
    groups: list[int] = []

    def many(uow: UnitOfWork, calls: Sequence[Mapping[str, Any]]) -> list[int | DomainError]:
        groups.append(len(calls))
        return [Refusal() if call["word"] == "bad" else tell(uow, word=call["word"]) for call in calls]

    verb = batched(many)
    assert store.run(verb, word="a") == 1
    with pytest.raises(Refusal):
        store.run(verb, word="bad")
    assert groups == [1, 1]


def test_a_batched_verb_that_breaks_is_replayed_one_by_one(store: Store) -> None:
    def many(uow: UnitOfWork, calls: Sequence[Mapping[str, Any]]) -> list[int]:
        if any(call["word"] == "poison" for call in calls):
            uow.execute(text("INSERT INTO no_such_table VALUES (1)"))
        return [tell(uow, word=call["word"]) for call in calls]

    verb = batched(many)
    failed: list[str] = []

    def call(word: str) -> None:
        try:
            store.run(verb, word=word)
        except Exception:
            failed.append(word)

    in_threads([lambda word=word: call(word) for word in ["poison", *"abcdefgh"]])
    assert failed == ["poison"]
    assert sorted(words(store)) == list("abcdefgh")


def test_batched_queries_that_wait_are_answered_together_and_one_that_breaks_alone(store: Store) -> None:
    arrived, go_on = threading.Event(), threading.Event()
    groups: list[int] = []

    def many(reader: Reader, calls: Sequence[Mapping[str, Any]]) -> list[int | DomainError]:
        groups.append(len(calls))
        if not arrived.is_set():
            arrived.set()
            go_on.wait(10)
        if any(call["word"] == "poison" for call in calls):
            raise ZeroDivisionError
        now = reader.now
        return [Refusal() if call["word"] == "bad" else now for call in calls]

    query = batched(many)
    came_to: dict[str, str] = {}

    def ask(word: str) -> None:
        try:
            came_to[word] = type(store.read(query, word=word)).__name__
        except Exception as error:
            came_to[word] = type(error).__name__

    first = threading.Thread(target=ask, args=("first",))
    first.start()
    assert arrived.wait(10)
    others = [threading.Thread(target=ask, args=(word,)) for word in ["bad", "poison", "good"]]
    for thread in others:
        thread.start()
    until(lambda: store.waiting == 3)
    go_on.set()
    for thread in [first, *others]:
        thread.join()
    assert groups == [1, 3, 1, 1, 1]
    assert came_to == {"first": "int", "good": "int", "bad": "Refusal", "poison": "ZeroDivisionError"}


def test_readers_cannot_write_on_sqlite(sqlite_url: str, open_store: Callable[[str], Store]) -> None:
    store = open_store(sqlite_url)

    def write(reader: Reader) -> None:
        reader.sql.run("UPDATE db_head SET commits = 99 WHERE id = 1")

    with pytest.raises(StoreUnavailable):
        store.read(write)


def test_two_stores_on_one_database_keep_one_dense_numbering(
    database_url: str, open_store: Callable[[str], Store]
) -> None:
    stores = [open_store(database_url), open_store(database_url)]
    in_threads([lambda n=n, s=s: [s.run(tell, word=f"{n}/{i}") for i in range(10)] for n, s in enumerate(stores * 4)])
    events = stores[0].read(outbox.events_after, seq=0)
    assert [event.seq for event in events] == list(range(1, 81))


def test_a_key_replays_the_first_answer_and_refuses_another_body(store: Store) -> None:
    first = store.run(once("me", "k1", "hash", tell, lambda seq: {"seq": seq}), word="one")
    again = store.run(once("me", "k1", "hash", tell, lambda seq: {"seq": seq}), word="one")
    assert first == again == {"seq": 1}
    assert words(store) == ["one"]
    with pytest.raises(IdempotencyConflict):
        store.run(once("me", "k1", "other", tell, lambda seq: {"seq": seq}), word="two")
    assert store.run(once("you", "k1", "other", tell, lambda seq: {"seq": seq}), word="three") == {"seq": 2}


def test_a_refusal_is_not_kept_under_a_key(store: Store) -> None:
    with pytest.raises(Refusal):
        store.run(once("me", "k", "h", tell_and_refuse, lambda seq: seq), word="x")
    assert store.run(once("me", "k", "h", tell, lambda seq: seq), word="x") == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\t", "扫"])
def test_a_key_is_short_printable_ascii(key: str) -> None:
    with pytest.raises(BadIdempotencyKey):
        once("me", key, "h", tell, lambda seq: seq)


def test_a_query_sees_one_picture_however_much_is_written_meanwhile(store: Store) -> None:
    def look_twice(reader: Reader) -> tuple[int, int]:
        before = outbox.last_seq(reader)
        store.run(tell, word="meanwhile")
        return before, outbox.last_seq(reader)

    assert store.read(look_twice) == (0, 0)
    assert store.read(outbox.last_seq) == 1


def test_what_lasts_is_read_once_and_what_is_not_there_yet_again(store: Store) -> None:
    asked: list[str] = []

    def first_word(reader: Reader) -> str | None:
        asked.append("asked")
        events = outbox.events_after(reader, seq=0, limit=1)
        return events[0].body["word"] if events else None

    def look(reader: Reader) -> str | None:
        return reader.lasting("first word", lambda: first_word(reader))

    assert store.read(look) is None
    store.run(tell, word="one")
    assert [store.read(look), store.read(look)] == ["one", "one"]
    assert len(asked) == 2


def test_what_a_batch_has_not_committed_is_not_remembered(store: Store) -> None:
    def last(reader: Reader) -> int | None:
        return reader.lasting("last", lambda: outbox.last_seq(reader) or None)

    def write_look_and_refuse(uow: UnitOfWork) -> None:
        uow.sql.run("UPDATE db_head SET event_seq = 7 WHERE id = 1")
        assert last(uow) == 7
        raise Refusal()

    with pytest.raises(Refusal):
        store.run(write_look_and_refuse)
    assert store.read(last) is None
