"""The one writer, and its readers.

A caller queues its call (`queue.py`); the leader runs each action of a batch in a savepoint and commits once: 64
callers share one sync. Nobody is answered before the commit is durable.
Two processes on one SQLite file take turns, one batch each, by a blocking file lock (SQLite's own busy handler polls,
and its waits reach seconds); its log is carried back into the file beside all this (`write_back.py`). On a server no
caller waits for ever: see `committing.py` for what becomes of a batch whose connection breaks.
"""

from __future__ import annotations

import fcntl
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import IO, Any, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from shared import faults
from shared.db import engine as engines
from shared.db import presence, troubles, write_back
from shared.db.batch import Call, grouped
from shared.db.batch import batched as batched
from shared.db.committing import Committer, PatientCommitter, drop_if_closed, tries
from shared.db.engine import COMMAND_READING_S, DEADLINE_S
from shared.db.queue import Queue
from shared.db.refusals import OutcomeUnknown as OutcomeUnknown
from shared.db.refusals import StoreUnavailable as StoreUnavailable
from shared.db.unit import FileReader, Reader

Result = TypeVar("Result")


class Store:
    """All writing goes through `run`, all reading through `read`.

    `driver` is another SQLite module than the usual one: one that shows what is written, or fails when it is told to.
    On a server, `deadline_s` is how long a call waits for its batch, the batch tries, and an unknown outcome is looked
    into; and how long anything waits for the server's answer. `reading_s` is the latter for a reader's statement.
    On SQLite, `log_pages` is how long the log grows before it is carried back into the file.
    """

    def __init__(
        self,
        url: str,
        *,
        driver: ModuleType | None = None,
        deadline_s: float = DEADLINE_S,
        reading_s: float | None = None,
        log_pages: int = engines.LOG_PAGES,
    ) -> None:
        path = engines.sqlite_path(url)
        self._deadline_s = None if path else deadline_s
        self._writer = engines.writer_engine(
            url, driver=driver, deadline_s=deadline_s, log_pages=max(log_pages, write_back.LAST_RESORT_PAGES)
        )
        self._reader = engines.reader_engine(url, driver=driver, deadline_s=reading_s or deadline_s)
        self._errors = (DBAPIError, self._writer.dialect.loaded_dbapi.Error)
        self._write_back = _write_back(url, path, driver, log_pages) if path else None
        self._committer = (
            Committer(self._writer, self._write_back) if path else PatientCommitter(self._writer, deadline_s)
        )
        self._presence = presence.enter(path) if path else None
        self._turns = open_turns(path) if path else None
        self._kept: dict[Hashable, object] = {}
        self._writing = Queue(
            self._commit, turn=lambda: _turn(self._turns), deadline_s=self._deadline_s, unanswered=OutcomeUnknown
        )
        self._reading = Queue(self._find, deadline_s=self._deadline_s)
        self.batch_sizes: Counter[int] = Counter()
        """How many commits held how many successful actions; read by `/metrics`."""
        self.retries: Counter[str] = self._committer.retries
        """How many attempts at a batch came to nothing and were made again, by SQLSTATE or `lost`."""
        self.doubts: Counter[str] = self._committer.doubts
        """What became of commits of unknown outcome: `committed`, `undone`, or still `unknown`."""

    def run(self, action: Callable[..., Result], /, **args: Any) -> Result:
        """Run an action in the next batch; its result once the commit is durable, or the error that it raised."""
        return self._writing.answer(action, args)  # type: ignore[no-any-return]

    def read(self, query: Callable[..., Result], /, **args: Any) -> Result:
        """Run a query beside the writer, on a consistent picture of the database.

        Those of a batched query that wait while one is being answered are answered together; what holds up the one on
        a server holds up all.
        """
        if hasattr(query, "many"):
            return self._reading.answer(query, args)  # type: ignore[no-any-return]
        return self._read(query, args)

    def _read(self, query: Callable[..., Result], args: Mapping[str, Any]) -> Result:
        if self._deadline_s is None:
            return self._read_file(query, args)
        for _ in tries(0 if self._committer.is_down else self._deadline_s):
            line: Any = None
            try:
                with self._reader.connect() as connection:
                    line = connection.connection.dbapi_connection
                    try:
                        connection.begin()  # the driver's own cursor, which most queries use, would begin nothing
                        return query(Reader(connection, self._kept), **args)
                    except self._errors:
                        drop_if_closed(connection, line)
                        raise
            except NoConnectionFree as error:
                raise StoreUnavailable() from error
            except self._errors as error:
                if not troubles.is_loss(error, line):
                    raise StoreUnavailable() from error
        raise StoreUnavailable()

    def _read_file(self, query: Callable[..., Result], args: Mapping[str, Any]) -> Result:
        try:
            reader = FileReader(self._reader, self._kept)
            try:
                return query(reader, **args)
            finally:
                reader.close()
        except (NoConnectionFree, *self._errors) as error:
            raise StoreUnavailable() from error

    @property
    def waiting(self) -> int:
        """How many calls wait for a batch to take them."""
        return len(self._writing) + len(self._reading)

    def close(self) -> None:
        """Give the connections back; for tests and for a clean end of a service."""
        if self._write_back:
            self._write_back.close()
        self._writer.dispose()
        self._reader.dispose()
        if self._turns:
            self._turns.close()
        if self._presence:
            self._presence.close()

    def _commit(self, calls: Sequence[Call]) -> None:
        kept = self._committer.commit(calls)
        if kept:
            faults.point("store.committed")
            self.batch_sizes[kept] += 1

    def _find(self, calls: Sequence[Call]) -> None:
        for many, group in grouped(calls):
            try:
                answers = self._read(many, {"calls": [call.args for call in group]})
            except StoreUnavailable:
                answers = [StoreUnavailable() for _ in group]
            except Exception:  # each by itself, so that a query that breaks is nobody else's
                answers = [self._alone(call) for call in group]
            for call, answer in zip(group, answers, strict=True):
                call.settle(answer)

    def _alone(self, call: Call) -> Any:
        try:
            return self._read(call.action, call.args)
        except Exception as error:
            return error


def open_existing(url: str) -> Store:
    """A store for a command, on a database that has been set up; `UnfitDatabase` with what to do when it has not."""
    path = engines.sqlite_path(url)
    if path and not path.exists():
        raise engines.UnfitDatabase(f"There is no database at {path} yet. Start Saoma once: python3 run.py")
    return Store(url, reading_s=COMMAND_READING_S)


def open_turns(path: Path) -> IO[bytes]:
    """The file whose lock says whose turn it is to write the database at `path`."""
    return open(path.with_name(path.name + ".lock"), "ab")


def _write_back(url: str, path: Path, driver: ModuleType | None, log_pages: int) -> write_back.WriteBack:
    @contextmanager
    def turn() -> Iterator[None]:
        with open_turns(path) as file, _turn(file):  # a file of its own: the store's leader is to wait, too
            yield

    return write_back.WriteBack(engines.writer_engine(url, driver=driver), turn, pages=log_pages)


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
