"""Plain SQL on the driver's own cursor: the hot path's way to the database.

SQLAlchemy's constructs cost half the rate of plain statements here and its ORM six sevenths, so `ledger` and
`payments` write their few statements themselves, on the connection that SQLAlchemy manages. One spelling serves both
engines: values are `:name`; `IN :name` takes a list of texts or integers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

_IN_LIST = re.compile(r"\bIN :([a-z_]+)")
_NAMED = re.compile(r"(?<![:\w]):([a-z_]+)")


@lru_cache(maxsize=1024)
def spelled(statement: str, dialect: str) -> tuple[str, frozenset[str]]:
    """The statement as this dialect's driver wants it, and the names of its list parameters."""
    lists = frozenset(_IN_LIST.findall(statement))
    if dialect == "sqlite":
        return _IN_LIST.sub(r"IN (SELECT value FROM json_each(:\1))", statement), lists
    statement = _IN_LIST.sub(r"= ANY(:\1)", statement.replace("%", "%%"))
    return _NAMED.sub(r"%(\1)s", statement), lists


def bound(params: Mapping[str, Any], lists: frozenset[str], dialect: str) -> Mapping[str, Any]:
    """The parameters as the driver wants them: SQLite takes a list as JSON text."""
    if not lists:
        return params
    if dialect == "sqlite":
        return {name: json.dumps(list(value)) if name in lists else value for name, value in params.items()}
    return {name: list(value) if name in lists else value for name, value in params.items()}


class Sql:
    """A cursor's few verbs on one connection: `rows`, `run`, `run_many`."""

    def __init__(self, cursor: Any, dialect: str) -> None:
        self._cursor = cursor
        self._dialect = dialect

    def rows(self, statement: str, **params: Any) -> list[tuple[Any, ...]]:
        """All rows of a query, as tuples."""
        text, lists = spelled(statement, self._dialect)
        self._cursor.execute(text, bound(params, lists, self._dialect))
        return list(self._cursor.fetchall())

    def run(self, statement: str, **params: Any) -> int:
        """Execute a statement; the number of rows it touched."""
        text, lists = spelled(statement, self._dialect)
        self._cursor.execute(text, bound(params, lists, self._dialect))
        return int(self._cursor.rowcount)

    def run_many(self, statement: str, params: Sequence[Mapping[str, Any]]) -> int:
        """Execute a statement once per mapping, in order; the number of rows touched in all."""
        if not params:
            return 0
        text, _ = spelled(statement, self._dialect)
        self._cursor.executemany(text, params)
        return int(self._cursor.rowcount)
