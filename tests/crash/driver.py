"""SQLite by way of `apsw`, in the form in which SQLAlchemy wants a driver: the store's way to a disk of the test's.

Only what the store uses is here. Rows are fetched at once, transactions are begun by the engine, never by the driver.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any

import apsw


class Error(Exception):
    """What SQLite refused; `sqlite_errorcode` is its extended result code, as in `sqlite3`."""

    sqlite_errorcode = 0


class DatabaseError(Error):
    """Any refusal by the database."""


class OperationalError(DatabaseError):
    """The database or its disk is in the way."""


class IntegrityError(DatabaseError):
    """A constraint is in the way."""


class ProgrammingError(DatabaseError):
    """The statement or its use is wrong."""


_KINDS: dict[type[apsw.Error], type[Error]] = {
    apsw.ConstraintError: IntegrityError,
    apsw.BindingsError: ProgrammingError,
    apsw.ConnectionClosedError: ProgrammingError,
}


@contextmanager
def _told_apart() -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        told = _KINDS.get(type(error), OperationalError)(str(error))
        told.sqlite_errorcode = getattr(error, "extendedresult", 0)
        raise told from error


class Cursor:
    """A cursor that fetches all rows as soon as a statement has run."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []
        self.description: tuple[tuple[Any, ...], ...] | None = None
        self.rowcount = -1

    @property
    def lastrowid(self) -> int:
        return int(self._connection.raw.last_insert_rowid())

    def execute(self, statement: str, params: Any = ()) -> Cursor:
        with self._connection.one_at_a_time:
            raw = self._connection.raw.cursor()
            raw.exec_trace = self._describe
            with _told_apart():
                self._rows = raw.execute(statement, params or None).fetchall()
            self.rowcount = -1 if self.description else self._connection.raw.changes()
            self._connection.executed(statement)
        return self

    def executemany(self, statement: str, many: Iterable[Any]) -> Cursor:
        changed = 0
        for params in many:
            changed += self.execute(statement, params).rowcount
        self.rowcount = changed
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        taken, self._rows = self._rows[: size or self.arraysize], self._rows[size or self.arraysize :]
        return taken

    def fetchall(self) -> list[tuple[Any, ...]]:
        taken, self._rows = self._rows, []
        return taken

    def close(self) -> None:
        self._rows = []

    def _describe(self, raw: apsw.Cursor, _statement: str, _params: Any) -> bool:
        columns = raw.get_description()
        self.description = tuple((name, None, None, None, None, None, None) for name, *_ in columns) or None
        return True


class Connection:
    """A connection through one of the test's disks. `raw` is apsw's own."""

    isolation_level = None
    row_factory = None

    def __init__(self, path: str, disk: str) -> None:
        self.one_at_a_time = threading.RLock()
        with _told_apart():
            self.raw = apsw.Connection(path, vfs=disk)
        self._set_checkpoints(1000)

    def cursor(self) -> Cursor:
        return Cursor(self)

    def execute(self, statement: str, params: Any = ()) -> Cursor:
        return self.cursor().execute(statement, params)

    def create_function(self, name: str, count: int, function: Callable[..., Any], *, deterministic: bool) -> None:
        self.raw.create_scalar_function(name, function, count, deterministic=deterministic)

    def commit(self) -> None:
        if self.raw.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self.raw.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        with self.one_at_a_time, _told_apart():
            self.raw.close()

    def executed(self, statement: str) -> None:
        """Know when to checkpoint: this PRAGMA has just put SQLite's own hook in the place of ours."""
        if found := re.fullmatch(r"PRAGMA wal_autocheckpoint\s*=\s*(\d+)", statement):
            self._set_checkpoints(int(found.group(1)))

    def _set_checkpoints(self, every: int) -> None:
        """SQLite's own hook, word for word: a checkpoint when the log has so many pages, and it may fail.

        Its own would do, but `apsw` raises what the disk raised although SQLite itself has overlooked it.
        """

        def committed(raw: apsw.Connection, schema: str, pages: int) -> int:
            if 0 < every <= pages:
                with suppress(apsw.Error):
                    raw.wal_checkpoint(schema)
            return apsw.SQLITE_OK

        self.raw.set_wal_hook(committed)


class Driver(ModuleType):
    """The module to give to `Store(url, driver=...)`; its connections use the disk of this name."""

    paramstyle = "qmark"
    sqlite_version = apsw.sqlite_lib_version()
    sqlite_version_info = tuple(map(int, sqlite_version.split(".")))
    Error = Error
    DatabaseError = DatabaseError
    OperationalError = OperationalError
    IntegrityError = IntegrityError
    ProgrammingError = ProgrammingError
    Binary = bytes

    def __init__(self, disk: str) -> None:
        super().__init__("tests_disk_" + disk)
        self._disk = disk
        self.connections: list[Connection] = []

    def connect(self, path: str, *, check_same_thread: bool = True, cached_statements: int = 0) -> Connection:
        connection = Connection(path, self._disk)
        self.connections.append(connection)
        return connection

    def every(self, statement: str) -> None:
        """Run a statement on each connection there is, for example a PRAGMA."""
        for connection in self.connections:
            connection.execute(statement)
