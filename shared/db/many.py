"""One statement for many rows: SQLite's driver runs it once per row, PostgreSQL takes all rows as columns of arrays.

On a server a trip per row costs more than the row, so `:name` there becomes a column of `unnest`: one INSERT … SELECT
or UPDATE … FROM for the whole set. Arrays travel as text that is put together here: the driver's own way asks every
value for its type and takes several times as long.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import FromClause, LargeBinary, Text

NAMED = re.compile(r"(?<![:\w]):([a-z_]+)")
_VALUES = re.compile(r"\bVALUES \(([^()]*)\)\s*\Z")
_WHERE = re.compile(r"\bWHERE\b")

Row = tuple[Any, ...] | Mapping[str, Any]


class Many:
    """An INSERT … VALUES or UPDATE … WHERE of `table`, with a `:name` where each row's values go.

    A name is that of a column of the table, whose type it has, or is given one by a keyword: `was="state"`. Rows are
    tuples in the order of `names`, or mappings. A row of an UPDATE must not change what another row of the set finds.
    """

    def __init__(self, table: FromClause, statement: str, **columns: str) -> None:
        self.names = tuple(dict.fromkeys(NAMED.findall(statement)))
        types = [_type(table, columns.get(name, name)) for name in self.names]
        places = {name: f"?{place}" for place, name in enumerate(self.names, 1)}
        self.sqlite = NAMED.sub(lambda match: places[match[1]], statement)
        self.postgres = self._from_arrays(statement.replace("%", "%%"), types)

    def tuples(self, rows: Iterable[Row]) -> list[Sequence[Any]]:
        """The rows as tuples in the order of `names`."""
        return [row if isinstance(row, tuple) else [row[name] for name in self.names] for row in rows]

    def arrays(self, rows: Iterable[Row]) -> list[str]:
        """The rows as one array per name, in PostgreSQL's way to write arrays."""
        return [array(column) for column in zip(*self.tuples(rows), strict=True)]

    def _from_arrays(self, statement: str, types: Sequence[str]) -> str:
        columns = ", ".join(f"p_{name}" for name in self.names)
        arrays = f"FROM unnest({', '.join(f'%s::{type_}[]' for type_ in types)}) AS v({columns})"
        statement = NAMED.sub(r"v.p_\1", statement)
        found = _VALUES.search(statement)
        if found:
            return f"{statement[: found.start()]}SELECT {found[1]} {arrays}"
        return _WHERE.sub(lambda _: f"{arrays} WHERE", statement, count=1)


def insert_into(table: FromClause, columns: Iterable[str]) -> Many:
    """The INSERT of these columns of a table."""
    names = list(columns)
    return Many(table, f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)})")


def array(values: Sequence[Any]) -> str:
    """Texts, integers or bytes, and None, as PostgreSQL writes an array of them: `{"a",NULL}`."""
    if None in values:
        return "{" + ",".join(["NULL" if value is None else array((value,))[1:-1] for value in values]) + "}"
    if not values or isinstance(values[0], int):
        return "{" + ",".join(map(str, values)) + "}"
    if isinstance(values[0], bytes):
        return "{" + ",".join([f'"\\\\x{value.hex()}"' for value in values]) + "}"
    text = '","'.join(values)
    if "\\" in text or text.count('"') != 2 * (len(values) - 1):
        text = '","'.join([value.replace("\\", "\\\\").replace('"', '\\"') for value in values])
    return '{"' + text + '"}'


def json_list(values: Iterable[Any]) -> str:
    """Texts or integers as SQLite's `json_each` takes a list."""
    return json.dumps(list(values))


def _type(table: FromClause, column: str) -> str:
    type_ = table.c[column].type
    if isinstance(type_, LargeBinary):
        return "bytea"
    return "text" if isinstance(type_, Text) else "bigint"
