"""What an action is given: the unit of work; and what a query is given: the reader."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Executable, PoolProxiedConnection, Row

from shared import clock, ids
from shared.db.many import insert_into
from shared.db.models import EventRow
from shared.db.sql import Sql
from shared.events import Event

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
_WRITE_EVENTS = insert_into(EventRow.__table__, ["seq", "id", "name", "created_at", "topics", "body"])
_as_json = json.JSONEncoder(ensure_ascii=False).encode


class Reader:
    """Reads, on a connection of its own, one consistent picture of the database."""

    def __init__(self, connection: Connection) -> None:
        self._connection: Connection | None = connection
        self.sql = Sql(connection.connection.cursor(), connection.dialect.name)
        self._now: int | None = None

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's connection, for Core statements."""
        assert self._connection is not None
        return self._connection

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
    """Reads SQLite on a pooled line that has begun. SQLAlchemy's connection, dearer than a query, only if asked."""

    def __init__(self, engine: Engine, line: PoolProxiedConnection) -> None:
        self._engine, self._line = engine, line
        self._connection = None
        self.sql = Sql(line.cursor(), "sqlite")
        self._now = None

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's connection, for Core statements."""
        if self._connection is None:
            self._connection = Connection(self._engine, connection=self._line)
        return self._connection


class UnitOfWork(Reader):
    """One batch's hold on the database. Actions read, write, count and emit through it; only the store commits.

    `now` is the same for the whole batch; `realm` is the installation's name. The counters are loaded from the locked
    head, counted here, and written back once.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        locking = "" if connection.dialect.name == "sqlite" else " FOR UPDATE"
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

    def emit(self, name: str, topics: Sequence[str], **body: Any) -> Event:
        """Append an event to the journal, in this very transaction."""
        event = Event(self._event_seq + 1, ids.new_id("evt", self.now), name, self.now, tuple(topics), body)
        texts = _as_json(event.topics), _as_json(body)  # here, where a body that is not JSON fails its action alone
        self._event_seq = event.seq
        self._event_rows.append((event.seq, event.id, name, event.created_at, *texts))
        return event

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

    def close(self, token: str | None = None) -> None:
        """Write the events, the head and, on a server, the batch's own `token`: the last statements before COMMIT."""
        self.sql.run_many(_WRITE_EVENTS, self._event_rows)
        if token is None:
            self.sql.run(_WRITE_HEAD, transfer_seq=self._transfer_seq, event_seq=self._event_seq)
            return
        [(commits,)] = self.sql.rows(
            _WRITE_TOKEN_AND_HEAD, token=token, transfer_seq=self._transfer_seq, event_seq=self._event_seq
        )
        if commits % _PRUNED_EVERY == 0:
            self.sql.run(_FORGET_TOKENS, oldest=commits - _TOKENS_KEPT)
