"""Bringing a batch to a known end.

On SQLite one attempt says it all, except where the sync of a commit failed: its pages are written, so what was refused
may stand there after the next start. That is unknown, and said so. On a server the connection can break at any moment.
Before COMMIT is sent nothing can have been kept, so the batch is run again. After it was sent and no answer came, the
outcome is unknown, and it is *learnt*, not guessed: every batch writes a random token in its own transaction, so
whoever then holds the lock on the head, which the old transaction must have let go of, sees whether the token is there.
The look-up writes, because a server that replicates lets only writers wait for the standbys; an answer from one disk
could be lost with it.
"""

from __future__ import annotations

import random
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from shared.db import troubles
from shared.db.batch import Call, run_calls
from shared.db.refusals import OutcomeUnknown, StoreUnavailable
from shared.db.sql import Sql
from shared.db.write_back import WriteBack

MOST_TRIES = 20
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.005, 1.0
_LOCK_HEAD = "SELECT commits FROM db_head WHERE id = 1 FOR UPDATE"
_FIND = "SELECT commits FROM db_commit WHERE token = :token"
_WRITE = "UPDATE db_head SET commits = commits WHERE id = 1"


def tries(within_s: float) -> Iterator[int]:
    """Count attempts while time is left, with a growing pause before each but the first, by chance a little shorter."""
    ends_at = time.monotonic() + within_s
    for number in range(MOST_TRIES):
        if number:
            time.sleep(min(_FIRST_PAUSE_S * 2**number, _LONGEST_PAUSE_S) * random.uniform(0.5, 1))
            if time.monotonic() >= ends_at:
                return
        yield number


class Undone(Exception):
    """The transaction came to nothing, and may be run again. `reason` is the SQLSTATE, or `lost`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Doubtful(Exception):
    """COMMIT was sent, and what became of it is not known, or not known to every disk that it should be on."""


class Committer:
    """One attempt per batch: for SQLite, where an error of COMMIT, unless a sync failed, says that nothing was kept."""

    def __init__(self, engine: Engine, write_back: WriteBack | None = None) -> None:
        self._engine = engine
        self._errors = (DBAPIError, engine.dialect.loaded_dbapi.Error)
        self._write_back = write_back
        self.retries: Counter[str] = Counter()
        self.doubts: Counter[str] = Counter()
        self.is_down = False
        """Whether the database was out of reach for a whole deadline, and has not been reached since."""

    def commit(self, calls: Sequence[Call]) -> int:
        """Settle the calls and commit what they did; how many succeeded."""
        try:
            with self._engine.connect() as connection:
                kept = run_calls(connection, calls, None)
                if kept:
                    connection.commit()
                    if self._write_back:
                        self._write_back.committed(connection.connection.dbapi_connection)
                else:
                    connection.rollback()
                return kept
        except self._errors as error:
            raise (OutcomeUnknown() if troubles.is_unsynced(error) else StoreUnavailable()) from error


class PatientCommitter(Committer):
    """For servers: again where nothing was kept, learning where it is unknown, and giving up after `deadline_s`."""

    def __init__(self, engine: Engine, deadline_s: float) -> None:
        super().__init__(engine)
        self._deadline_s = deadline_s

    def commit(self, calls: Sequence[Call]) -> int:
        """Settle the calls and commit what they did; how many succeeded.

        While the server is known to be down there is one try a batch, so that callers do not pile up.
        """
        for _ in tries(0 if self.is_down else self._deadline_s):
            token = secrets.token_hex(16)
            try:
                kept = self._attempt(calls, token)
            except Undone as undone:
                self.retries[undone.reason] += 1
                is_down = undone.reason not in troubles.CONFLICTS
                continue
            except Doubtful:
                is_down = False
                if not self._was_committed(token):
                    continue
                kept = sum(call.error is None for call in calls)
            self.is_down = False
            return kept
        self.is_down = is_down
        raise StoreUnavailable()

    def _attempt(self, calls: Sequence[Call], token: str) -> int:
        with self._connection() as connection:
            kept = run_calls(connection, calls, token)
            if kept:
                self._commit(connection)
            else:
                connection.rollback()
            return kept

    def _was_committed(self, token: str) -> bool:
        """Whether the batch of this token is in, wherever it should be; OutcomeUnknown when time runs out."""
        for _ in tries(self._deadline_s):
            try:
                with self._connection() as connection:
                    connection.begin()
                    sql = Sql(connection.connection.cursor(), connection.dialect.name)
                    sql.rows(_LOCK_HEAD)
                    is_there = bool(sql.rows(_FIND, token=token))
                    sql.run(_WRITE)
                    self._commit(connection)
            except (Undone, Doubtful, StoreUnavailable):
                continue
            self.doubts["committed" if is_there else "undone"] += 1
            return is_there
        self.doubts["unknown"] += 1
        raise OutcomeUnknown()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """The writer's connection, for one transaction; its errors as `Undone` where another try makes sense."""
        line: Any = None
        connection: Connection | None = None
        try:
            connection = self._engine.connect()
            line = connection.connection.dbapi_connection
            yield connection
        except self._errors as error:
            if troubles.is_loss(error, line):
                if connection is not None and not connection.invalidated:
                    connection.invalidate()
                raise Undone(troubles.sqlstate(error) or "lost") from error
            if troubles.is_conflict(error):
                raise Undone(troubles.sqlstate(error) or "") from error
            raise StoreUnavailable() from error
        except BaseException:
            if connection is not None:
                drop_if_closed(connection, line)
            raise
        finally:
            if connection is not None:
                connection.close()

    def _commit(self, connection: Connection) -> None:
        """COMMIT. Its outcome is doubtful when the line breaks, or the server warns that it did not wait to the end."""
        line: Any = connection.connection.dbapi_connection
        line.was_warned = False
        try:
            connection.commit()
        except self._errors as error:
            if not troubles.is_loss(error, line):
                raise  # the server's own answer: it has undone the transaction
            if not connection.invalidated:
                connection.invalidate()
            raise Doubtful() from error
        if line.was_warned:
            raise Doubtful()


def drop_if_closed(connection: Connection, line: Any) -> None:
    """Keep the pool from a connection whose `line`, the driver's own, is closed."""
    if getattr(line, "closed", False) and not connection.invalidated:
        connection.invalidate()
