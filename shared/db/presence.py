"""Who has a database file open: every store holds a shared lock beside it, a restore needs the lock for itself.

A lock is the kernel's: it ends with the process that held it, also after SIGKILL, so nobody has to tidy up. The file
stays when the database is replaced, because it is the database's place that is guarded. A server counts its own
connections (shared/db/target.py).
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from shared.db.engine import UnfitDatabase
from shared.errors import Conflict


class DatabaseInUse(Conflict):
    """A service, or another command, has the database open."""

    code = "database_in_use"


def enter(path: Path) -> IO[bytes]:
    """Be one of those that use the database file at `path`, until the answered file is closed."""
    file = _open(path)
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise UnfitDatabase(f"A restore is writing {path} at this moment: start again when it has ended.") from None
    return file


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the place of the database file at `path` with nobody else on it; `DatabaseInUse` when somebody is."""
    with _open(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DatabaseInUse(database=str(path)) from None
        yield


def _open(path: Path) -> IO[bytes]:
    return open(path.with_name(path.name + ".users"), "ab")
