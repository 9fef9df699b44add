"""What an action is given: the unit of work; and what a query is given: the reader."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import msgspec
from sqlalchemy import Connection, Engine, Executable, PoolProxiedConnection, Row

from shared import clock, ids
from shared.db import engine as engines
from shared.db.many import insert_into
from shared.db.models import EventRow
from shared.db.sql import Sql

_LOCK_HEAD = "SELECT realm, clock_offset_ms, transfer_seq, event_seq FROM db_head WHERE id = 1"
_WRITE_HEAD = (
    "UPDATE db_head SET transfer_seq = :transfer_seq, event_seq = :event_seq, commits = commits + 1 WHERE id = 1"
)
_WRITE_TOKEN_AND_HEAD = (
    "WITH named AS (INSERT INTO db_commit (token, commits)"
    f" SELECT :token, commits + 1 FROM db_head WHERE id = 1) {_WRITE_HEAD} RETURNING commits"
)
_FORGET_TOKENS = "DELETE FROM db_commit WHERE commits <= :oldest"
_TOKENS_KEPT, _PRUNED_EVERY = 100_000, 1_000
_WRITE_EVENTS = insert_into(EventRow.__table__, ["seq", "name", "created_at", "topics", "body", "id"])
_JSON = msgspec.json.Encoder()


_MOST_KEPT = 20_000

Found = TypeVar("Found")


class Reader:
    """Reads, on a connection of its own, one consistent picture of the database.

    `kept` is what `lasting` remembers, where that outlives the reader.
    """

    def __init__(self, connection: Connection, kept: dict[Hashable, object] | None = None) -> None:
        self._connection: Connection | None = connection
        self._sql: Sql | None = Sql(connection.connection.cursor(), connection.dialect.name)
        self._kept: dict[Hashable, object] = {} if kept is None else kept
        self._now: int | None = None

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's connection, for Core statements."""
        assert self._connection is not None
        return self._connection

    @property
    def sql(self) -> Sql:
        """Plain statements on this connection."""
        assert self._sql is not None
        return self._sql

    def lasting(self, name: Hashable, load: Callable[[], Found]) -> Found:
        """What `load` reads of rows that never change, from memory once it was read. None is not remembered."""
        found = self._kept.get(name)
        if found is None:
            found = load()
            if found is not None:
                if len(self._kept) >= _MOST_KEPT:
                    self._kept.clear()
                self._kept[name] = found
        return cast(Found, found)

    @property
    def now(self) -> int:
        """Saoma's time in milliseconds: the machine's clock plus the offset kept in the database."""
        if self._now is None:
            [(offset_ms,)] = self.sql.rows("SELECT clock_offset_ms FROM db_head WHERE id = 1")
            self._now = clock.system_now() + int(offset_ms)
        return self._now

    def first(self, statement: Executable) -> Row[Any] | None:
        """The first row of a Core statement, or None."""
        return self.connection.execute(statement).first()

    def all(self, statement: Executable) -> Sequence[Row[Any]]:
        """All rows of a Core statement."""
        return self.connection.execute(statement).all()


class FileReader(Reader):
    """Reads SQLite on a pooled line, which is taken, and begins, with the first statement: who finds all it needs in
    memory takes none. SQLAlchemy's connection, dearer than a query, is made only if asked for. `close` it.
    """

    def __init__(self, engine: Engine, kept: dict[Hashable, object]) -> None:
        self._engine, self._kept = engine, kept
        self._line: PoolProxiedConnection | None = None
        self._connection = self._sql = self._now = None

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's connection, for Core statements."""
        if self._connection is None:
            self._connection = Connection(self._engine, connection=self._begun())
        return self._connection

    @property
    def sql(self) -> Sql:
        """Plain statements on this line."""
        if self._sql is None:
            self._sql = Sql(self._begun().cursor(), "sqlite")
        return self._sql

    def close(self) -> None:
        """Give the line back."""
        if self._line is not None:
            self._line.close()

    def _begun(self) -> PoolProxiedConnection:
        if self._line is None:
            line = self._engine.raw_connection()
            try:
                engines.begin_reading(line)
            except BaseException:
                line.close()
                raise
            self._line = line
        return self._line


class UnitOfWork(Reader):
    """One batch's hold on the database. Actions read, write, count and emit through it; only the store commits.

    `now` is the same for the whole batch; `realm` is the installation's name. The counters are loaded from the locked
    head, counted here, and written back once.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        locking = "" if connection.dialect.name == "sqlite" else " FOR UPDATE"
        self._transfer_seq: int
        self._event_seq: int
        [(self.realm, offset_ms, self._transfer_seq, self._event_seq)] = self.sql.rows(_LOCK_HEAD + locking)
        self._now = clock.system_now() + int(offset_ms)
        self._event_rows: list[tuple[Any, ...]] = []

    @contextmanager
    def at(self, moment: int) -> Iterator[None]:
        """Act as of an earlier moment (ms): for a past that is written at once, whose rows say when they happened."""
        kept, self._now = self._now, moment
        try:
            yield
        finally:
            self._now = kept

    def next_transfer_seqs(self, count: int) -> range:
        """The next `count` dense numbers of the ledger, in commit order."""
        start = self._transfer_seq + 1
        self._transfer_seq += count
        return range(start, start + count)

    def emit(self, name: str, topics: Sequence[str], **body: Any) -> int:
        """Append an event to the journal, in this very transaction; its number. The `Event` is told by outbox.py.

        A body that is not JSON fails its action alone: TypeError.
        """
        if bytes in map(type, body.values()):
            raise TypeError("bytes have no JSON: an encoder would make base64 of them")
        told = _JSON.encode(topics).decode(), _JSON.encode(body).decode()
        self._event_seq += 1
        self._event_rows.append((self._event_seq, name, self.now, *told))
        return self._event_seq

    def execute(self, statement: Executable) -> int:
        """Execute a Core insert, update or delete; the number of rows it touched."""
        return self.connection.execute(statement).rowcount

    def mark(self) -> tuple[int, int, int]:
        """The counters as they stand, to be restored when a savepoint rolls back."""
        return self._transfer_seq, self._event_seq, len(self._event_rows)

    def restore(self, mark: tuple[int, int, int]) -> None:
        """Take the counters back to a `mark`."""
        self._transfer_seq, self._event_seq, kept = mark
        del self._event_rows[kept:]
        self._kept.clear()

    def close(self, token: str | None = None) -> None:
        """Write the events, the head and, on a server, the batch's own `token`: the last statements before COMMIT."""
        named = ids.new_ids("evt", [row[2] for row in self._event_rows])
        self.sql.run_many(_WRITE_EVENTS, [(*row, id) for row, id in zip(self._event_rows, named, strict=True)])
        if token is None:
            self.sql.run(_WRITE_HEAD, transfer_seq=self._transfer_seq, event_seq=self._event_seq)
            return
        [(commits,)] = self.sql.rows(
            _WRITE_TOKEN_AND_HEAD, token=token, transfer_seq=self._transfer_seq, event_seq=self._event_seq
        )
        if commits % _PRUNED_EVERY == 0:
            self.sql.run(_FORGET_TOKENS, oldest=commits - _TOKENS_KEPT)
