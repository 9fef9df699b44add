"""What the engine itself can say about its own files: pages, indexes, references."""

from __future__ import annotations

from shared.db.unit import Reader

_AT_MOST = 10


def troubles(reader: Reader) -> list[str]:
    """What SQLite finds wrong with its file, at most a few of them; a server looks after its own files."""
    if reader.connection.dialect.name != "sqlite":
        return []
    found = [str(row[0]) for row in reader.sql.rows(f"PRAGMA integrity_check({_AT_MOST})")]
    dangling = reader.sql.rows("PRAGMA foreign_key_check")[:_AT_MOST]
    return [line for line in found if line != "ok"] + [
        f"row {row} of {table} points at nothing in {parent}" for table, row, parent, _ in dangling
    ]
