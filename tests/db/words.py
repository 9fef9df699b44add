"""The smallest things that a test of the store can do: tell a word, be refused, hear what was told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from shared.db import outbox
from shared.db.store import Store
from shared.db.unit import UnitOfWork
from shared.errors import Conflict


class Refusal(Conflict):
    """A refusal for these tests."""

    code = "refusal_for_tests"


def tell(uow: UnitOfWork, *, word: str) -> int:
    return uow.emit("word.told", ["party:x"], word=word)


def tell_and_refuse(uow: UnitOfWork, *, word: str) -> int:
    uow.emit("word.told", ["party:x"], word=word)
    raise Refusal()


def words(store: Store) -> list[str]:
    return [event.body["word"] for event in store.read(outbox.events_after, seq=0)]


def in_threads(jobs: Sequence[Callable[[], object]]) -> None:
    """Run the jobs at once, all of them released together."""
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], object]) -> None:
        gate.wait()
        job()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
