"""What a database's tables look like, alike on both engines: names, kinds of columns, keys, order of dependence.

Read from the database itself and not from the models, because a backup is also made of a schema that is older than this
version's models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, Integer, LargeBinary, String, inspect

from shared.db.engine import UnfitDatabase, migration_engine
from shared.db.migrate import upgrade

REVISION_TABLE = "alembic_version"

_KINDS = {Integer: "integer", String: "text", LargeBinary: "bytes"}


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns by name with their kind (`integer`, `text`, `bytes`), and its primary key."""

    columns: Mapping[str, str]
    key: tuple[str, ...]


def tables_of(connection: Connection) -> Mapping[str, Table]:
    """The tables of a database by name, each after those that it refers to; the schema's revision is none of them."""
    found = inspect(connection)
    names = [name for name, _ in found.get_sorted_table_and_fkc_names() if name and name != REVISION_TABLE]
    return {
        name: Table(
            dict(sorted((column["name"], _kind(name, column["type"])) for column in found.get_columns(name))),
            tuple(found.get_pk_constraint(name)["constrained_columns"]),
        )
        for name in names
    }


@cache
def tables_at(revision: str) -> Mapping[str, Table]:
    """The tables that a fresh database has at a revision."""
    engine = migration_engine("sqlite://")
    try:
        with engine.connect() as connection, connection.begin():
            upgrade(connection, to=revision)
            return tables_of(connection)
    finally:
        engine.dispose()


def _kind(table: str, type: object) -> str:
    for family, kind in _KINDS.items():
        if isinstance(type, family):
            return kind
    raise UnfitDatabase(f"The table {table} has a column of a type that Saoma never makes: {type!r}.")
