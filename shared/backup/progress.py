"""What long work says of itself on standard error, so that standard output stays the answer alone."""

from __future__ import annotations

import sys

EVERY = 50_000


class Lines:
    """One line each so many rows; a small table says nothing."""

    def __init__(self, verb: str) -> None:
        self._verb = verb
        self._said: dict[str, int] = {}

    def __call__(self, table: str, rows: int) -> None:
        """Told by the work after each page of a table."""
        if rows - self._said.get(table, 0) >= EVERY:
            self._said[table] = rows
            print(f"{self._verb} {table}: {rows:,} rows", file=sys.stderr, flush=True)
