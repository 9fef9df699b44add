"""Engines for a database URL: one for the single writer, one for the many readers.

SQLite runs in WAL with `synchronous=FULL`, because with NORMAL a power cut loses commits that were already
acknowledged. It must be 3.51.3 or newer: before that, two processes that write and checkpoint one file can corrupt it,
and Python's own copy is usually older, so `pysqlite3` supplies the library.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool, StaticPool

OLDEST_SQLITE = (3, 51, 3)


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


def writer_engine(url: str, *, driver: ModuleType | None = None) -> Engine:
    """The engine of the one writer: a single connection, transactions begun by the store itself.

    `driver` is the SQLite module to use instead of the usual one.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(
            parsed,
            module=driver or sqlite_driver(),
            poolclass=StaticPool,
            connect_args={"check_same_thread": False},
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        return engine
    return create_engine(_psycopg(parsed), pool_size=1, max_overflow=0, pool_pre_ping=True)


def reader_engine(url: str, *, driver: ModuleType | None = None) -> Engine:
    """The engine of the readers: each reads one picture of the database. On SQLite its connections refuse to write."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, module=driver or sqlite_driver(), pool_size=16, max_overflow=64)

        def set_up(connection: Any, record: object) -> None:
            _set_up_sqlite(connection, record)
            connection.execute("PRAGMA query_only=ON")

        event.listen(engine, "connect", set_up)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        return engine
    return create_engine(
        _psycopg(parsed), pool_size=16, max_overflow=64, pool_pre_ping=True, isolation_level="REPEATABLE READ"
    )


def migration_engine(url: str) -> Engine:
    """An engine for schema changes: ordinary transactions, no pool, foreign keys off while tables are rebuilt."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, module=sqlite_driver(), poolclass=NullPool)

        def set_up(connection: Any, record: object) -> None:
            _set_up_sqlite(connection, record)
            connection.execute("PRAGMA foreign_keys=OFF")

        event.listen(engine, "connect", set_up)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        return engine
    return create_engine(_psycopg(parsed), poolclass=NullPool)


def sqlite_path(url: str) -> Path | None:
    """The file of an SQLite URL; None for a server."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    if not parsed.database or parsed.database == ":memory:":
        raise UnfitDatabase("Saoma's services share one database file: an SQLite database in memory cannot be shared.")
    return Path(parsed.database)


def _psycopg(url: URL) -> URL:
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")
