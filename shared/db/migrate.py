"""Bringing a database to this version's schema. Done once, by run.py, before any service starts."""

from __future__ import annotations

import base64
import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from shared.db.engine import UnfitDatabase, migration_engine, sqlite_path
from shared.db.store import open_turns

SCRIPTS = Path(__file__).parent / "migrations"


def migrate(url: str, *, realm: str = "") -> bool:
    """Upgrade the database to the newest schema and name the installation; whether anything changed.

    A fresh database gets the name `realm`, or a random one. Two processes may call this at once: one waits.
    """
    path = sqlite_path(url)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
    engine = migration_engine(url)
    try:
        with _alone(path), engine.connect() as connection:
            current = revision_of(connection)
            connection.rollback()
            is_behind = current != newest_revision()
            if is_behind:
                if current is not None and not is_known(current):
                    raise UnfitDatabase("A newer Saoma made this database: update Saoma, or use another one.")
                upgrade(connection)
            with connection.begin():
                _name(connection, realm)
            return is_behind
    finally:
        engine.dispose()


def upgrade(connection: Connection, *, to: str = "head") -> None:
    """Upgrade to a revision; within the caller's transaction where there is one, else in one for each script."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def revision_of(connection: Connection) -> str | None:
    """The revision of a database's schema; None when it has none of ours."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """The revision of this version's schema."""
    return str(_scripts().get_current_head())


def is_known(revision: str) -> bool:
    """Whether this version can read a schema of that revision; one that it cannot comes from a newer Saoma."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(SCRIPTS))


def _name(connection, realm: str) -> None:  # type: ignore[no-untyped-def]
    found = connection.execute(text("SELECT realm FROM db_head WHERE id = 1")).scalar()
    if found is None:
        name = realm or "saoma-" + base64.b32encode(secrets.token_bytes(5)).decode().lower()
        connection.execute(
            text(
                "INSERT INTO db_head (id, realm, clock_offset_ms, transfer_seq, event_seq, commits)"
                " VALUES (1, :realm, 0, 0, 0, 0)"
            ),
            {"realm": name},
        )
    elif realm and realm != found:
        raise UnfitDatabase(
            f"This database belongs to the installation {found!r}; SAOMA_REALM says {realm!r}. Its codes would all"
            " become unreadable: unset SAOMA_REALM or use another database."
        )


@contextmanager
def _alone(path: Path | None) -> Iterator[None]:
    if path is None:
        yield
        return
    with open_turns(path) as turns:
        fcntl.flock(turns, fcntl.LOCK_EX)
        yield
