"""A shop's endpoints as they stand: where, for which events, whether they are well."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared import clock
from shared.db.unit import Reader
from shared.errors import NotFound
from shared.ids import is_id

PREFIX = "whe"
ALL = "*"


class UnknownEndpoint(NotFound):
    """No webhook endpoint goes by this name here."""

    code = "unknown_endpoint"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of a shop. Times in ms; `failing_since` is the first failure since it last took anything."""

    id: str
    shop_id: str
    url: str
    description: str
    events: tuple[str, ...]
    generation: int
    old_generation: int | None
    old_until: int | None
    since_seq: int
    created_at: int
    disabled_at: int | None
    disabled_why: str | None
    failing_since: int | None
    last_success_at: int | None

    @property
    def health(self) -> str:
        """How it is: `disabled`, `failing`, `new` where nothing was taken yet, or `well`."""
        if self.disabled_at is not None:
            return "disabled"
        if self.failing_since is not None:
            return "failing"
        return "new" if self.last_success_at is None else "well"

    def wants(self, event_type: str) -> bool:
        """Whether it is told of events of this name."""
        return ALL in self.events or event_type in self.events

    def generations(self, now: int) -> list[int]:
        """Which secrets sign at a time (ms), the newest first."""
        is_old_good = self.old_generation is not None and self.old_until is not None and now < self.old_until
        return [self.generation, *([self.old_generation] if is_old_good and self.old_generation is not None else [])]

    def as_json(self) -> dict[str, Any]:
        """The endpoint as the API tells it, without its secret."""
        return {
            "id": self.id,
            "object": "webhook_endpoint",
            "url": self.url,
            "description": self.description,
            "events": list(self.events),
            "is_disabled": self.disabled_at is not None,
            "disabled_why": self.disabled_why,
            "health": self.health,
            "failing_since": _told(self.failing_since),
            "last_success_at": _told(self.last_success_at),
            "old_secret_until": _told(self.old_until),
            "created_at": clock.rfc3339(self.created_at),
        }


COLUMNS = ", ".join(Endpoint.__slots__)


def of_shop(reader: Reader, *, id: str, shop_id: str) -> Endpoint:
    """One endpoint of this shop; `unknown_endpoint` otherwise."""
    found = by_id(reader, id=id)
    if found.shop_id != shop_id:
        raise UnknownEndpoint()
    return found


def by_id(reader: Reader, *, id: str, even_removed: bool = False) -> Endpoint:
    """One endpoint, one that was removed only if wanted; `unknown_endpoint` otherwise."""
    found = find(reader, id=id, even_removed=even_removed)
    if found is None:
        raise UnknownEndpoint()
    return found


def find(reader: Reader, *, id: str, even_removed: bool = False) -> Endpoint | None:
    """One endpoint, None where there is none or none any more."""
    if not is_id(id, PREFIX):
        return None
    where = "" if even_removed else " AND deleted_at IS NULL"
    rows = reader.sql.rows(f"SELECT {COLUMNS} FROM webhooks_endpoint WHERE id = :id{where}", id=id)
    return endpoint(rows[0]) if rows else None


def all_of_shop(reader: Reader, *, shop_id: str) -> list[Endpoint]:
    """A shop's endpoints, the newest first."""
    rows = reader.sql.rows(
        f"SELECT {COLUMNS} FROM webhooks_endpoint WHERE shop_id = :shop AND deleted_at IS NULL ORDER BY id DESC",
        shop=shop_id,
    )
    return [endpoint(row) for row in rows]


def shops_that_listen(reader: Reader, *, shop_ids: Sequence[str]) -> set[str]:
    """Those of the shops that have an endpoint which is told of anything."""
    rows = reader.sql.rows(
        "SELECT DISTINCT shop_id FROM webhooks_endpoint WHERE shop_id IN :shops AND disabled_at IS NULL"
        " AND deleted_at IS NULL",
        shops=list(shop_ids),
    )
    return {str(row[0]) for row in rows}


def is_any_listening(reader: Reader) -> bool:
    """Whether there is an endpoint anywhere that is told of anything."""
    rows = reader.sql.rows("SELECT 1 FROM webhooks_endpoint WHERE disabled_at IS NULL AND deleted_at IS NULL LIMIT 1")
    return bool(rows)


def endpoint(row: Sequence[Any]) -> Endpoint:
    """The endpoint of a row of `COLUMNS`."""
    values = dict(zip(Endpoint.__slots__, row, strict=True))
    return Endpoint(**values | {"events": tuple(json.loads(values["events"]))})


def _told(at_ms: int | None) -> str | None:
    return None if at_ms is None else clock.rfc3339(at_ms)
