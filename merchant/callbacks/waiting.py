"""What waits to be sent: which deliveries are due, so that no receiver holds up those of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.db.unit import Reader

AT_ONE_PLACE = 8
"""So many connections to one receiver at a time."""


def due(reader: Reader, *, machine_now: int, busy: Mapping[str, int], room: int) -> list[str]:
    """The ids of at most `room` deliveries whose time has come and that nobody is at, the longest waiting first.

    `busy` says how many are on their way to each destination: each gets `AT_ONE_PLACE` at most. `machine_now` is the
    machine's clock (ms), by which claims lapse.
    """
    if room <= 0 or not _is_any_due(reader):
        return []
    places = reader.sql.rows(
        "SELECT destination, min(next_at) FROM callbacks_delivery WHERE state = 'pending' AND next_at <= :now"
        " AND claimed_until <= :machine GROUP BY destination ORDER BY min(next_at), destination",
        now=reader.now,
        machine=machine_now,
    )
    found: list[tuple[Any, ...]] = []
    free = [(place, AT_ONE_PLACE - busy.get(place, 0)) for place, _ in places]
    for place, most in [each for each in free if each[1] > 0][:room]:
        rows = reader.sql.rows(
            "SELECT next_at, number, id FROM callbacks_delivery WHERE destination = :place AND state = 'pending'"
            " AND next_at <= :now AND claimed_until <= :machine ORDER BY next_at, number LIMIT :most",
            place=place,
            now=reader.now,
            machine=machine_now,
            most=min(most, room),
        )
        found += rows
    return [id for _, _, id in sorted(found)[:room]]


def _is_any_due(reader: Reader) -> bool:
    return bool(
        reader.sql.rows(
            "SELECT 1 FROM callbacks_delivery WHERE state = 'pending' AND next_at <= :now LIMIT 1", now=reader.now
        )
    )
