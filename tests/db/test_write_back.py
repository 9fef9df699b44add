"""SQLite's log is carried back into the file beside the writer, and begins anew, so that it does not grow for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from shared.db import engine, outbox
from shared.db.store import Store
from shared.db.unit import Reader
from tests.db.waiting import until
from tests.db.words import tell, words

PAGES = 20


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    store = Store(sqlite_url, log_pages=PAGES)
    yield store
    store.close()


@pytest.fixture
def log(sqlite_url: str) -> Iterator[Callable[[], tuple[int, int]]]:
    """How many pages are in the log, and how many of them have been carried back."""
    own = engine.writer_engine(sqlite_url)
    line = own.raw_connection()
    yield lambda: line.dbapi_connection.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()[1:]  # type: ignore[union-attr]
    line.close()
    own.dispose()


@pytest.fixture
def begins_anew(store: Store, log: Callable[[], tuple[int, int]]) -> Callable[[], bool]:
    """Writes a little; whether the log is shorter than it was."""
    longest = 0

    def write() -> bool:
        nonlocal longest
        store.run(tell, word="more")
        logged, _ = log()
        longest, was = max(longest, logged), longest
        return logged < was

    return write


def test_a_log_that_is_carried_back_begins_anew(store: Store, begins_anew: Callable[[], bool]) -> None:
    until(begins_anew)
    assert len(words(store)) >= PAGES // 4


def test_left_alone_it_is_carried_back_to_its_end(store: Store, log: Callable[[], tuple[int, int]]) -> None:
    while log()[0] < PAGES:
        store.run(tell, word="more")

    def is_empty() -> bool:
        logged, carried = log()
        return logged == carried

    until(is_empty)


def test_who_reads_an_old_picture_goes_on_seeing_it_and_nobody_waits(
    store: Store, log: Callable[[], tuple[int, int]], begins_anew: Callable[[], bool]
) -> None:
    def look_twice(reader: Reader) -> tuple[int, int]:
        before = outbox.last_seq(reader)
        while log()[0] < 5 * PAGES:
            assert not begins_anew()
        return before, outbox.last_seq(reader)

    store.run(tell, word="first")
    assert store.read(look_twice) == (1, 1)
    until(begins_anew)
    assert len(words(store)) == store.read(outbox.last_seq)
