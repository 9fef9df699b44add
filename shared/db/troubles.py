"""What a database's error means for the transaction that it struck. Sorted by SQLSTATE, or by SQLite's result code,
never by a sentence: servers speak many languages.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import DBAPIError

CONFLICTS = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: the server undid this transaction so that another could go on."""
_LOSSES = frozenset({"57P01", "57P02", "57P03", "25006"})
"""The server is going down, crashed, or starts up; or it may no longer write, since another took over."""
_SHORTAGES = frozenset({"53", "57", "58"})
"""Classes: out of disk, memory or connections; stopped by an operator; an error of the system below."""
_SQLITE_SYNCS = frozenset({1034, 1290})
"""SQLite's extended codes for a failed sync, of a file or its folder (SQLITE_IOERR_FSYNC, SQLITE_IOERR_DIR_FSYNC)."""


def sqlstate(error: BaseException) -> str | None:
    """The five characters by which a server names an error; None where no server spoke."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(cause, "sqlstate", None)
    return state if isinstance(state, str) else None


def is_conflict(error: BaseException) -> bool:
    """Whether the same transaction may well succeed when it is run again."""
    return sqlstate(error) in CONFLICTS


def is_loss(error: BaseException, line: Any) -> bool:
    """Whether the driver's connection `line` (None: there is none) is gone, or leads to a server that cannot write."""
    state = sqlstate(error) or ""
    return line is None or bool(getattr(line, "closed", False)) or state in _LOSSES or state.startswith("08")


def ends_the_batch(error: BaseException) -> bool:
    """Whether the transaction is of no more use to the neighbours of the call that raised this."""
    state = sqlstate(error) or ""
    return state in CONFLICTS or state in _LOSSES or state.startswith("08")


def is_shortage(error: BaseException) -> bool:
    """Whether the server could not, rather than would not, execute a statement."""
    return (sqlstate(error) or "")[:2] in _SHORTAGES


def is_unsynced(error: BaseException) -> bool:
    """Whether everything was written and only the sync failed, so that nobody knows what a crash would leave of it."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlite_errorcode", 0) in _SQLITE_SYNCS
