"""The empty database that an archive is restored into: is it empty, does nobody use it, and putting the rows in.

Rows are put in as they are, past every verb: the archive holds what the verbs once wrote. The database's own CHECKs,
keys and foreign keys judge them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, inspect, text
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError

from shared.db import engine as engines
from shared.db import schema
from shared.db.archive import Archive, ArchiveDamaged, Progress
from shared.db.presence import DatabaseInUse
from shared.errors import Conflict

_COMPANIONS = ("", "-wal", "-shm", "-journal")
"""What an SQLite database consists of, the file itself first: a WAL left alone would be read into the next file."""

_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL"
)
"""Who else is connected: clients have a user, the server's own workers have none."""


class DatabaseNotEmpty(Conflict):
    """There is something where the archive should go."""

    code = "database_not_empty"


def files_of(path: Path) -> list[Path]:
    """The files that an SQLite database at `path` has at the moment."""
    found = [path.with_name(path.name + end) for end in _COMPANIONS]
    return [file for file in found if file.exists()]


def url_of(path: Path) -> str:
    """The URL of an SQLite file, whatever its name."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def is_empty_file(path: Path) -> bool:
    """Whether a database could be put at `path`: nothing is there, or a file that holds no table."""
    files = files_of(path)
    if not files:
        return True
    if files != [path]:
        return False
    engine = engines.migration_engine(url_of(path))
    try:
        with engine.connect() as connection:
            return not inspect(connection).get_table_names()
    except DatabaseError:
        return False  # whatever it is, it is not ours to overwrite
    finally:
        engine.dispose()


def check_server(connection: Connection, *, shown: str) -> None:
    """Refuse a server's database (`shown` to people by that name) that somebody uses or that has tables."""
    if connection.execute(text(_OTHERS)).scalar():
        raise DatabaseInUse(database=shown)
    if inspect(connection).get_table_names():
        raise DatabaseNotEmpty(database=shown)


def remove(files: Sequence[Path]) -> None:
    """Delete what a restore has begun and does not need."""
    for file in files:
        with suppress(FileNotFoundError):
            file.unlink()


def load(connection: Connection, archive: Archive, *, shown: str, progress: Progress) -> None:
    """Put an archive's rows into freshly made tables of its revision, within the caller's transaction."""
    tables = schema.tables_of(connection)
    told = {name: dict(part.columns) for name, part in archive.manifest.tables.items()}
    if told != {name: dict(table.columns) for name, table in tables.items()}:
        raise ArchiveDamaged(file=shown, why="its tables are not those of its schema")
    is_server = connection.dialect.name == "postgresql"
    errors = connection.dialect.loaded_dbapi
    try:
        for name, table in tables.items():
            (_copy if is_server else _insert)(connection, archive, name, list(table.columns), progress)
        if not is_server:
            _check_references(connection)
    except (IntegrityError, DataError, errors.IntegrityError, errors.DataError, _BadReference) as error:
        raise ArchiveDamaged(file=shown, why=str(getattr(error, "orig", error)).partition("\n")[0]) from error


class _BadReference(Exception):
    pass


def _insert(connection: Connection, archive: Archive, name: str, columns: list[str], progress: Progress) -> None:
    done = 0
    statement = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    for page in archive.pages(name):
        connection.exec_driver_sql(statement, [tuple(row) for row in page])
        done += len(page)
        progress(name, done)


def _copy(connection: Connection, archive: Archive, name: str, columns: list[str], progress: Progress) -> None:
    """One COPY for a table: a row may refer to a later row of its own table, which one statement allows."""
    done = 0
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY {name} ({', '.join(columns)}) FROM STDIN") as copy:
        for page in archive.pages(name):
            for row in page:
                copy.write_row(row)
            done += len(page)
            progress(name, done)
    connection.exec_driver_sql(f"ANALYZE {name}")


def _check_references(connection: Connection) -> None:
    """SQLite's foreign keys are off while a schema is made: look at all of them now."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken:
        raise _BadReference(f"a row of {broken[0]} refers to a row of {broken[2]} that is not there")
