"""Engines for a database URL: one for the single writer, one for the many readers.

SQLite runs in WAL with `synchronous=FULL`, because with NORMAL a power cut loses commits that were already
acknowledged. It must be 3.51.3 or newer: before that, two processes that write and checkpoint one file can corrupt it,
and Python's own copy is usually older, so `pysqlite3` supplies the library.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Engine, PoolProxiedConnection, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine import make_url as parse
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool, StaticPool

OLDEST_SQLITE = (3, 51, 3)
DEADLINE_S = 10.0
"""How long a server may leave anything unanswered."""
LOG_PAGES = 1_000
"""How long SQLite's log grows (4 MB) before it is carried back into the file. While it is, commits wait for the same
disk: a longer log is carried back seldomer, and whoever pays at that moment waits twice as long.
"""
_STATEMENTS_KEPT = 512
"""How many statements the writer's line keeps compiled: those of many rows come in nine sizes (many.py)."""
COMMAND_READING_S = 600.0
"""How long a statement may read for a command that looks at everything there is, as the audit does."""


_HAS_BEGUN = "has begun"


class UnfitDatabase(Exception):
    """The database cannot be used safely; the text says why and what to do."""


def sqlite_driver() -> ModuleType:
    """The newest SQLite at hand: `pysqlite3` where installed, else Python's own; `UnfitDatabase` when too old."""
    import sqlite3

    candidates: list[ModuleType] = [sqlite3]
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        pass
    else:
        candidates.append(dbapi2)
    best = max(candidates, key=lambda module: module.sqlite_version_info)
    if best.sqlite_version_info < OLDEST_SQLITE:
        raise UnfitDatabase(
            f"SQLite {best.sqlite_version} can corrupt a file that two processes write; "
            f"{'.'.join(map(str, OLDEST_SQLITE))} or newer is needed: pip install pysqlite3"
        )
    return best


def writer_engine(
    url: str, *, driver: ModuleType | None = None, deadline_s: float = DEADLINE_S, log_pages: int = LOG_PAGES
) -> Engine:
    """The engine of the one writer: a single connection, transactions begun by the store itself.

    `driver` is the SQLite module to use instead of the usual one, and whoever commits when its log has `log_pages`
    carries them back into the file. On a server, no wait is longer than `deadline_s`.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(
            parsed,
            module=driver or sqlite_driver(),
            poolclass=StaticPool,
            connect_args={"check_same_thread": False, "cached_statements": _STATEMENTS_KEPT},
        )
        event.listen(engine, "connect", lambda connection, _: _set_up_sqlite(connection, log_pages=log_pages))
        event.listen(engine, "begin", lambda connection: _begin(connection.connection, "BEGIN IMMEDIATE"))
        return engine
    from shared.db import servers

    level = {} if servers.keeps_isolation(parsed) else {"isolation_level": "READ COMMITTED"}
    engine = create_engine(servers.completed(parsed), pool_size=1, max_overflow=0, **level)
    servers.attend(engine, deadline_s=deadline_s, holds_locks=True)
    return engine


def reader_engine(url: str, *, driver: ModuleType | None = None, deadline_s: float = DEADLINE_S) -> Engine:
    """The engine of the readers: each reads one picture of the database. On SQLite its connections refuse to write."""
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(
            parsed, module=driver or sqlite_driver(), pool_size=80, max_overflow=0, pool_use_lifo=True
        )

        def set_up(connection: Any, _record: object) -> None:
            _set_up_sqlite(connection)
            connection.execute("PRAGMA query_only=ON")

        event.listen(engine, "connect", set_up)
        event.listen(engine, "begin", lambda connection: _begin(connection.connection, "BEGIN"))
        return engine
    from shared.db import servers

    engine = create_engine(
        servers.completed(parsed),
        pool_size=16,
        max_overflow=64,
        pool_timeout=deadline_s,
        pool_pre_ping=True,
        isolation_level="REPEATABLE READ",
    )
    servers.attend(engine, deadline_s=deadline_s, holds_locks=False)
    return engine


def migration_engine(url: str) -> Engine:
    """An engine for schema changes: ordinary transactions, no pool, foreign keys off while tables are rebuilt."""
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, module=sqlite_driver(), poolclass=NullPool)

        def set_up(connection: Any, _record: object) -> None:
            _set_up_sqlite(connection)
            connection.execute("PRAGMA foreign_keys=OFF")

        event.listen(engine, "connect", set_up)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        return engine
    from shared.db import servers

    return create_engine(servers.completed(parsed), poolclass=NullPool)


def sqlite_path(url: str) -> Path | None:
    """The file of an SQLite URL; None for a server."""
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    if not parsed.database or parsed.database == ":memory:":
        raise UnfitDatabase("Saoma's services share one database file: an SQLite database in memory cannot be shared.")
    return Path(parsed.database)


def _parsed(url: str) -> URL:
    """The parts of a database URL; `UnfitDatabase` when it is none, or of a database that Saoma does not know."""
    try:
        parsed = parse(url)
    except (ArgumentError, ValueError):
        raise UnfitDatabase(
            "SAOMA_DATABASE_URL is no database URL: write sqlite:///file.db, postgresql://user@host/name,"
            " or postgresql://user@/name?host=a:5432&host=b:5432"
        ) from None
    if parsed.get_backend_name() == "sqlite":
        return parsed
    if parsed.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise UnfitDatabase(
            f"Saoma keeps its data in SQLite or in PostgreSQL through psycopg, not {parsed.drivername}."
        )
    if find_spec("psycopg") is None:
        raise UnfitDatabase("The driver for PostgreSQL is missing: pip install 'psycopg[binary]'")
    return parsed


def begin_reading(line: PoolProxiedConnection) -> None:
    """Begin a transaction on a pooled line to SQLite, also for the SQLAlchemy connection that may be made around it."""
    _execute(line, "BEGIN")
    line.info[_HAS_BEGUN] = True


def _begin(line: PoolProxiedConnection, statement: str) -> None:
    if not line.info.pop(_HAS_BEGUN, False):
        _execute(line, statement)


def _execute(line: PoolProxiedConnection, statement: str) -> None:
    """On the driver's own connection: SQLAlchemy's way costs more than many a query."""
    line.dbapi_connection.execute(statement)  # type: ignore[union-attr]


def _set_up_sqlite(connection: Any, *, log_pages: int = LOG_PAGES) -> None:
    """Durable before anybody is answered."""
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=10000",
        f"wal_autocheckpoint={log_pages}",
    ):
        connection.execute(f"PRAGMA {pragma}")
