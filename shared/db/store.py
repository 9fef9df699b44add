"""The one writer: calls wait in a queue, a leader runs them as one batch, one commit answers them all.

A caller queues its call. If nobody leads, it leads: it takes what is queued, runs each action in a savepoint, commits
once, wakes the callers, and hands the lead to whoever came meanwhile. There is no timer and no extra thread: one caller
alone pays nothing extra, 64 callers share one sync. Nobody is answered before the commit is durable. Two processes on
one SQLite file take turns, one batch each, by a blocking file lock (SQLite's own busy handler polls, and its waits
reach seconds).
"""

from __future__ import annotations

import fcntl
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import IO, Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from shared import faults
from shared.db import engine as engines
from shared.db.unit import Reader, UnitOfWork
from shared.errors import DomainError

Result = TypeVar("Result")
LARGEST_BATCH = 1000


class StoreUnavailable(DomainError):
    """The database refused the commit (disk full, not writable, gone). Nothing of the batch was kept."""

    code = "store_unavailable"
    status = 503


class OutcomeUnknown(DomainError):
    """The connection broke while a commit was under way: ask again under the same id to learn what happened."""

    code = "outcome_unknown"
    status = 503


class _Call:
    __slots__ = ("action", "args", "done", "error", "is_leader", "value")

    def __init__(self, action: Callable[..., Any], args: Mapping[str, Any]) -> None:
        self.action = action
        self.args = args
        self.done = threading.Lock()
        self.done.acquire()
        self.value: Any = None
        self.error: BaseException | None = None
        self.is_leader = False

    def settle(self, outcome: Any) -> None:
        if isinstance(outcome, BaseException):
            self.error = outcome
        else:
            self.value = outcome


def batched(many: Callable[[UnitOfWork, Sequence[Mapping[str, Any]]], Sequence[Any]]) -> Callable[..., Any]:
    """The verb for one call, from the verb for many.

    `many(uow, calls)` gets each call's keyword arguments as a mapping and answers each, in order, with its result or
    its DomainError. The verb for one is a batch of one; the store hands `many` all the calls of it that wait.
    """

    @wraps(many)
    def one(uow: UnitOfWork, **call: Any) -> Any:
        [answer] = many(uow, [call])
        if isinstance(answer, DomainError):
            raise answer
        return answer

    one.many = many  # type: ignore[attr-defined]
    return one


class Store:
    """All writing goes through `run`, all reading through `read`.

    `driver` is another SQLite module than the usual one: one that shows what is written, or fails when it is told to.
    """

    def __init__(self, url: str, *, driver: ModuleType | None = None) -> None:
        self._writer = engines.writer_engine(url, driver=driver)
        self._reader = engines.reader_engine(url, driver=driver)
        self._driver_error: type[Exception] = self._writer.dialect.loaded_dbapi.Error
        path = engines.sqlite_path(url)
        self._turns = open_turns(path) if path else None
        self._guard = threading.Lock()
        self._queue: deque[_Call] = deque()
        self._is_led = False
        self.batch_sizes: Counter[int] = Counter()
        """How many commits held how many successful actions; read by `/metrics`."""

    def run(self, action: Callable[..., Result], /, **args: Any) -> Result:
        """Run an action in the next batch; its result once the commit is durable, or the error that it raised."""
        call = _Call(action, args)
        with self._guard:
            self._queue.append(call)
            leads, self._is_led = not self._is_led, True
        if not leads:
            call.done.acquire()
            leads = call.is_leader
        if leads:
            self._lead()
        if call.error is not None:
            raise call.error
        return call.value  # type: ignore[no-any-return]

    def read(self, query: Callable[..., Result], /, **args: Any) -> Result:
        """Run a query beside the writer, on a consistent picture of the database."""
        try:
            with self._reader.connect() as connection:
                connection.begin()  # the driver's own cursor, which most queries use, would begin nothing
                return query(Reader(connection), **args)
        except (DBAPIError, self._driver_error) as error:
            raise StoreUnavailable() from error

    def close(self) -> None:
        """Give the connections back; for tests and for a clean end of a service."""
        self._writer.dispose()
        self._reader.dispose()
        if self._turns:
            self._turns.close()

    def _lead(self) -> None:
        with self._guard:
            calls = [self._queue.popleft() for _ in range(min(len(self._queue), LARGEST_BATCH))]
        try:
            self._commit(calls)
        except BaseException as error:
            for call in calls:
                call.value, call.error = None, error
            if not isinstance(error, Exception):
                raise
        finally:
            with self._guard:
                heir = self._queue[0] if self._queue else None
                self._is_led = heir is not None
            if heir:
                heir.is_leader = True
                heir.done.release()
            for call in calls:
                if not call.is_leader:
                    call.done.release()

    def _commit(self, calls: Sequence[_Call]) -> None:
        with _turn(self._turns):
            try:
                connection = self._writer.connect()
            except DBAPIError as error:
                raise StoreUnavailable() from error
            with connection:
                kept = self._one_transaction(connection, calls)
            if kept:
                faults.point("store.committed")
                self.batch_sizes[kept] += 1

    def _one_transaction(self, connection: Connection, calls: Sequence[_Call]) -> int:
        """Run the calls and commit; how many succeeded. When none did, nothing is committed."""
        try:
            transaction = connection.begin()
            uow = UnitOfWork(connection)
            _judge(uow, calls)
            kept = sum(call.error is None for call in calls)
            if not kept:
                transaction.rollback()
                return 0
            uow.close()
            faults.point("store.before_commit")
        except (DBAPIError, self._driver_error) as error:
            raise StoreUnavailable() from error
        try:
            transaction.commit()
        except (DBAPIError, self._driver_error) as error:
            lost = connection.closed or connection.invalidated or connection.dialect.name != "sqlite"
            raise (OutcomeUnknown() if lost else StoreUnavailable()) from error
        return kept


def open_existing(url: str) -> Store:
    """A store on a database that has been set up; `UnfitDatabase` with what to do when it has not."""
    path = engines.sqlite_path(url)
    if path and not path.exists():
        raise engines.UnfitDatabase(f"There is no database at {path} yet. Start Saoma once: python3 run.py")
    return Store(url)


def open_turns(path: Path) -> IO[bytes]:
    """The file whose lock says whose turn it is to write the database at `path`."""
    return open(path.with_name(path.name + ".lock"), "ab")


@contextmanager
def _turn(file: IO[bytes] | None) -> Iterator[None]:
    if file is None:
        yield
        return
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _judge(uow: UnitOfWork, calls: Sequence[_Call]) -> None:
    """Settle every call: those of a batched verb together, the others one by one."""
    together: dict[Any, list[_Call]] = {}
    for call in calls:
        many = getattr(call.action, "many", None)
        if many is None:
            call.settle(_in_savepoint(uow, lambda call=call: call.action(uow, **call.args)))  # type: ignore[misc]
        else:
            together.setdefault(many, []).append(call)
    for many, group in together.items():
        answers = _in_savepoint(uow, lambda many=many, group=group: many(uow, [call.args for call in group]))  # type: ignore[misc]
        if isinstance(answers, BaseException) and len(group) > 1:
            answers = [_in_savepoint(uow, lambda call=call: call.action(uow, **call.args)) for call in group]  # type: ignore[misc]
        elif isinstance(answers, BaseException):
            answers = [answers]
        for call, answer in zip(group, answers, strict=True):
            call.settle(answer)


def _in_savepoint(uow: UnitOfWork, work: Callable[[], Any]) -> Any:
    """The work's result, or the exception that undid it. Where even the undoing fails, the whole batch fails."""
    mark = uow.mark()
    uow.sql.run("SAVEPOINT action")
    try:
        result = work()
    except Exception as error:
        uow.sql.run("ROLLBACK TO SAVEPOINT action")
        uow.sql.run("RELEASE SAVEPOINT action")
        uow.restore(mark)
        return error
    uow.sql.run("RELEASE SAVEPOINT action")
    return result
