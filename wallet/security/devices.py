"""The devices of a person: their keys that are good, with what is known of the browser that holds each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from shared import clock
from shared.db.unit import Reader
from shared.identity.models import Key
from shared.web import visits
from shared.web.sessions import Session
from wallet.security.actions import SERVICE


@dataclass(frozen=True, slots=True)
class Device:
    """A key with its browser. `name` is empty where the browser never said; times in ms, `seen_at` None for never."""

    kid: str
    name: str
    custody: str
    added_at: int
    seen_at: int | None
    address: str
    is_here: bool
    is_signed_in: bool

    def as_json(self) -> dict[str, Any]:
        """The device as the API tells of it."""
        plain = ("kid", "name", "custody", "address", "is_here", "is_signed_in")
        return {name: getattr(self, name) for name in plain} | {
            "added_at": clock.rfc3339(self.added_at),
            "seen_at": None if self.seen_at is None else clock.rfc3339(self.seen_at),
        }


def of_person(reader: Reader, *, session: Session) -> list[Device]:
    """The devices of the session's person: this one first, then the one seen last."""
    good = (Key.party_id == session.party_id) & Key.revoked_at.is_(None)
    rows = reader.all(select(Key.kid, Key.custody, Key.created_at).where(good))
    last = visits.last_of_holders(reader, party_id=session.party_id, service=SERVICE)
    live = {found.holder for found in visits.of_party(reader, party_id=session.party_id, service=SERVICE)}
    devices = [
        Device(
            kid=row.kid,
            name=last[row.kid].device.strip("?") if row.kid in last else "",
            custody=row.custody,
            added_at=row.created_at,
            seen_at=last[row.kid].seen_at if row.kid in last else None,
            address=last[row.kid].address if row.kid in last else "",
            is_here=row.kid == session.holder,
            is_signed_in=row.kid in live,
        )
        for row in rows
    ]
    return sorted(devices, key=lambda found: (not found.is_here, -(found.seen_at or 0), -found.added_at))
