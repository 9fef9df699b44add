"""Plain SQL on the driver's own cursor: the hot path's way to the database.

SQLAlchemy's constructs cost half the rate of plain statements here and its ORM six sevenths, so `ledger` and
`payments` write their few statements themselves, on the connection that SQLAlchemy manages. One spelling serves both
engines: values are `:name`; `IN :name` takes a list of texts or integers. See `many.py` for statements of many rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from shared.db.many import NAMED, Many, Row, array, json_list

_IN_LIST = re.compile(r"\bIN :([a-z_]+)")


@lru_cache(maxsize=1024)
def spelled(statement: str, dialect: str) -> tuple[str, frozenset[str]]:
    """The statement as this dialect's driver wants it, and the names of its list parameters."""
    lists = frozenset(_IN_LIST.findall(statement))
    if dialect == "sqlite":
        return _IN_LIST.sub(r"IN (SELECT value FROM json_each(:\1))", statement), lists
    statement = _IN_LIST.sub(r"= ANY(:\1)", statement.replace("%", "%%"))
    return NAMED.sub(r"%(\1)s", statement), lists


def bound(params: Mapping[str, Any], lists: frozenset[str], dialect: str) -> Mapping[str, Any]:
    """The parameters as the driver wants them: a list goes as one text, in the engine's own way to write it."""
    if not lists:
        return params
    as_text = json_list if dialect == "sqlite" else array
    return {name: as_text(value) if name in lists else value for name, value in params.items()}


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
        return self._changed(text, bound(params, lists, self._dialect))

    def run_many(self, statement: str | Many, rows: Sequence[Row]) -> int:
        """Execute a statement once per row, in order, or a `Many` for the whole set; the number of rows touched in all.

        A plain statement takes mappings, a `Many` tuples too.
        """
        if not rows:
            return 0
        if isinstance(statement, str):
            self._cursor.executemany(spelled(statement, self._dialect)[0], rows)
            return int(self._cursor.rowcount)
        if self._dialect == "sqlite":
            return sum(self._changed(text, values) for text, values in statement.sets(rows))
        return self._changed(statement.postgres, statement.arrays(rows))

    def _changed(self, text: str, values: Any) -> int:
        self._cursor.execute(text, values)
        return int(self._cursor.rowcount)
