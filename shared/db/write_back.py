"""Carrying SQLite's log back into the database file, beside the writer instead of in the middle of its commits.

A commit only appends to the log (WAL). Once that holds many pages somebody must write them to their places and sync the
file, which takes tens of milliseconds: left to SQLite, whoever commits at that moment does it, and everybody waits.
Here a thread does, on a connection of its own; reads and commits go on meanwhile. What they appended in that time it
carries back as well, the last few pages during a turn of its own: only a log that is carried back to its end begins
anew, and a log that never does grows for ever. Nothing depends on any of this for safety: the log is the truth until
then, and SQLite's own way remains for when this thread cannot keep up.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

LAST_RESORT_PAGES = 16_000
"""From here on whoever commits does it, as SQLite would."""
_MOST_PASSES = 5
_FEW_PAGES = 250

Turn = Callable[[], AbstractContextManager[None]]


class WriteBack:
    """The thread, its connection, and what tells it to begin.

    `engine` is for its connection alone; `turn()` keeps every writer of the file out, in other processes too.
    """

    def __init__(self, engine: Engine, turn: Turn, *, pages: int) -> None:
        self._engine = engine
        self._errors = (DBAPIError, engine.dialect.loaded_dbapi.Error)
        self._turn = turn
        self._pages = pages
        self._wake = threading.Event()
        self._is_over = False
        self._thread: threading.Thread | None = None

    def committed(self, line: Any) -> None:
        """Look how long the log is after a commit on `line`, the writer's own connection; wake the thread if it is."""
        with suppress(*self._errors):
            _, logged, carried = line.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
            if logged - carried >= self._pages:
                self._begin()

    def close(self) -> None:
        """End the thread, and give its connection back."""
        self._is_over = True
        self._wake.set()
        if self._thread:
            self._thread.join()
        self._engine.dispose()

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="write-back", daemon=True)
            self._thread.start()
        self._wake.set()

    def _serve(self) -> None:
        while self._wake.wait() and not self._is_over:
            self._wake.clear()
            with suppress(*self._errors):  # a full or broken disk: the next commit tells its caller, and wakes us again
                self._carry()

    def _carry(self) -> None:
        line = self._engine.raw_connection()
        try:
            left = self._pages
            for _ in range(_MOST_PASSES):
                if left <= _FEW_PAGES or self._is_over:
                    break
                left = _pass(line)
            if left <= _FEW_PAGES:
                with self._turn():
                    _pass(line)
        finally:
            line.close()


def _pass(line: Any) -> int:
    """Carry back what no reader still needs in the log; how many pages are left there."""
    _, logged, carried = line.dbapi_connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return int(logged - carried)
