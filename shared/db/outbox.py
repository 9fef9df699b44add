"""Reading the journal: what happened after a sequence number."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from shared.db.unit import Reader
from shared.events import Event


def events_after(
    reader: Reader, *, seq: int, limit: int = 500, names: Collection[str] | None = None
) -> Sequence[Event]:
    """The events that follow `seq`, oldest first; those of some `names` where they are given."""
    named, only = ("", {}) if names is None else (" AND name IN :names", {"names": sorted(names)})
    rows = reader.sql.rows(
        f"SELECT seq, id, name, created_at, topics, body FROM db_event WHERE seq > :seq{named}"
        " ORDER BY seq LIMIT :limit",
        seq=seq,
        limit=limit,
        **only,
    )
    return [
        Event(seq, id, name, created_at, tuple(json.loads(topics)), json.loads(body))
        for seq, id, name, created_at, topics, body in rows
    ]


def last_seq(reader: Reader) -> int:
    """The number of the newest event; 0 when there is none."""
    [(seq,)] = reader.sql.rows("SELECT event_seq FROM db_head WHERE id = 1")
    return int(seq)


def realm(reader: Reader) -> str:
    """The installation's name, as it stands in every signature."""
    return reader.lasting("realm", lambda: str(reader.sql.rows("SELECT realm FROM db_head WHERE id = 1")[0][0]))
