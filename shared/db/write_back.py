"""Carrying SQLite's log back into the database file, beside the writer instead of in the middle of its commits.

A commit only appends to the log (WAL). Once that holds many pages somebody must write them to their places and sync the
file, which takes tens of milliseconds: left to SQLite, whoever commits at that moment does it, and everybody waits.
Here a thread does, on a connection of its own; reads and commits go on meanwhile. What they appended in that time it
carries back as well, the last few pages during a turn of its own: only a log that is carried back to its end begins
anew, and a log that never does grows for ever. Nothing depends on any of this for safety: the log is the truth until
then, and SQLite's own way remains for when this thread cannot keep up.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any

from sqlalchemy import Engine

from shared import one_processor

LAST_RESORT_PAGES = 16_000
"""From here on whoever commits does it, as SQLite would."""
_MOST_PASSES = 5
_MOST_TURNS = 10
_FEW_PAGES = 250
_PAUSE_S = 0.005
_LONGEST_END_S = 10.0
_log = logging.getLogger("saoma")

Turn = Callable[[], AbstractContextManager[None]]


class WriteBack:
    """The thread, its connection, and what tells it to begin.

    `engine` is for its connection alone; `turn()` keeps every writer of the file out, in other processes too.
    """

    def __init__(self, engine: Engine, turn: Turn, *, pages: int) -> None:
        self._engine = engine
        self._turn = turn
        self._pages = pages
        self._few = min(_FEW_PAGES, pages // 8)
        self._wake = threading.Event()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_failing = False

    def committed(self, line: Any) -> None:
        """Look how long the log is after a commit on `line`, the writer's own connection; wake the thread if it is.

        Nothing is raised: the commit stands, and whoever comes after the next one looks again.
        """
        with suppress(Exception):
            _, logged, carried = line.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
            if logged - carried >= self._pages and not self._over.is_set():
                self._begin()

    def close(self) -> None:
        """End the thread, and give its connection back."""
        self._over.set()
        self._wake.set()
        thread = self._thread
        if thread:
            thread.join(_LONGEST_END_S)  # somebody who stands still may have the turn
        if not (thread and thread.is_alive()):
            self._engine.dispose()

    def _begin(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            thread = threading.Thread(target=self._serve, name="write-back", daemon=True)
            thread.start()
            self._thread = thread
        self._wake.set()

    def _serve(self) -> None:
        with one_processor.free():  # copying and syncing needs no interpreter, so it may go on beside it
            while not self._over.is_set():
                self._wake.wait()
                if self._over.is_set():
                    return
                try:
                    self._carry()
                    self._is_failing = False
                except Exception:  # a full or broken disk, or no file to be opened: the next commit wakes us again
                    if not self._is_failing:
                        _log.warning("the database's log cannot be carried back now", exc_info=True)
                    self._is_failing = True
                self._wake.clear()  # commits looked meanwhile at a log that was about to be short

    def _carry(self) -> None:
        line = self._engine.raw_connection()
        try:
            left = LAST_RESORT_PAGES
            for _ in range(_MOST_PASSES):
                left, before = self._pass(line), left
                if left <= self._few or left >= before or self._over.is_set():
                    break
            for _ in range(_MOST_TURNS):
                if not 0 < left <= self._few or self._over.is_set():
                    break
                with self._turn():
                    left = self._pass(line)
                if left:
                    self._over.wait(_PAUSE_S)  # somebody still reads an older picture
        finally:
            line.close()

    def _pass(self, line: Any) -> int:
        """Carry back what no reader still needs in the log; how many pages are left there, or all, as it seems, where
        somebody else is at it.
        """
        is_busy, logged, carried = line.dbapi_connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return LAST_RESORT_PAGES if is_busy else int(logged - carried)
