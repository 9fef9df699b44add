"""One statement for many rows: `:name` becomes a column of a table `v` that travels with the statement.

INSERT … VALUES becomes INSERT … SELECT … FROM v, and UPDATE … WHERE becomes UPDATE … FROM v WHERE. On a server a trip
per row costs more than the row, and `v` is `unnest` of arrays, one per column. They travel as text that is put together
here: the driver's own way asks every value for its type and takes several times as long. SQLite has no trips, but its
driver gives the interpreter away for every statement and gets it back when others let go of it, so `v` is VALUES there:
sets of 256, 128, 64 … rows, a statement for each size. It stands behind FROM: Python's own driver counts the rows of a
statement by its first word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy import FromClause, LargeBinary, Text

NAMED = re.compile(r"(?<![:\w]):([a-z_]+)")
_VALUES = re.compile(r"\bVALUES \(([^()]*)\)\s*\Z")
_WHERE = re.compile(r"\bWHERE\b")

_LARGEST_SET = 256
_JSON = msgspec.json.Encoder()

Row = tuple[Any, ...] | Mapping[str, Any]


class Many:
    """An INSERT … VALUES or UPDATE … WHERE of `table`, with a `:name` where each row's values go.

    A name is that of a column of the table, whose type it has, or is given one by a keyword: `was="state"`. Rows are
    tuples in the order of `names`, or mappings. A row of an UPDATE must not change what another row of the set finds.
    """

    def __init__(self, table: FromClause, statement: str, **columns: str) -> None:
        self.names = tuple(dict.fromkeys(NAMED.findall(statement)))
        types = [_type(table, columns.get(name, name)) for name in self.names]
        self._statement = statement
        self._columns = ", ".join(f"p_{name}" for name in self.names)
        arrays = ", ".join(f"%s::{type_}[]" for type_ in types)
        self.postgres = self._from(f"unnest({arrays}) AS v({self._columns})", statement.replace("%", "%%"))
        self._sqlite = {1: NAMED.sub(lambda match: f"?{self.names.index(match[1]) + 1}", statement)}

    def sqlite(self, count: int) -> str:
        """The statement for so many rows, whose values follow one another."""
        if count not in self._sqlite:
            width = len(self.names)
            rows = [
                f"({', '.join(f'?{place}' for place in range(first, first + width))})"
                for first in range(1, count * width + 1, width)
            ]
            held = f"(WITH v({self._columns}) AS (VALUES {', '.join(rows)}) SELECT * FROM v) AS v"
            self._sqlite[count] = self._from(held, self._statement)
        return self._sqlite[count]

    def sets(self, rows: Iterable[Row]) -> Iterator[tuple[str, list[Any]]]:
        """The rows in order as SQLite takes them: a statement for some of them, and all their values."""
        left, size = self._tuples(rows), _LARGEST_SET
        while left:
            while size > len(left):
                size //= 2
            yield self.sqlite(size), list(chain.from_iterable(left[:size]))
            left = left[size:]

    def arrays(self, rows: Iterable[Row]) -> list[str]:
        """The rows as one array per name, in PostgreSQL's way to write arrays."""
        return [array(column) for column in zip(*self._tuples(rows), strict=True)]

    def _tuples(self, rows: Iterable[Row]) -> list[Sequence[Any]]:
        return [row if isinstance(row, tuple) else [row[name] for name in self.names] for row in rows]

    def _from(self, source: str, statement: str) -> str:
        statement = NAMED.sub(r"v.p_\1", statement)
        found = _VALUES.search(statement)
        if found:
            return f"{statement[: found.start()]}SELECT {found[1]} FROM {source}"
        return _WHERE.sub(lambda _: f"FROM {source} WHERE", statement, count=1)


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
    return _JSON.encode(list(values)).decode()


def _type(table: FromClause, column: str) -> str:
    type_ = table.c[column].type
    if isinstance(type_, LargeBinary):
        return "bytea"
    return "text" if isinstance(type_, Text) else "bigint"
