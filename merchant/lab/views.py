"""The lab's doors for programs: the test clock."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from merchant import service
from merchant.api import entry
from merchant.lab import clock, sandbox
from shared import clock as times
from shared.db import time
from shared.errors import BadInput
from shared.settlement import calendar
from shared.web import body
from shared.web.body import Body

doors = entry.doors_of("lab_api")
_YEAR_S = clock.FARTHEST_MS // 1000


@doors.get("/test_clock")
@entry.allows("test_clock:read")
def show_clock() -> Response:
    """What time it is for Saoma, and how far that is ahead."""
    return jsonify(clock_as_json(service.read(time.read)))


@doors.post("/test_clock/advance")
@entry.allows("test_clock:write")
def advance_clock() -> Response:
    """Move the clock forward, by seconds or to a moment; everything that is due by then has happened in the answer."""
    sandbox.required()
    given = body.read().only("by_s", "to")
    journey = clock.advance(service.store(), config=service.config(), secret=service.secret(), **_wanted(given))
    return jsonify(journey_as_json(journey, entry.shop().id))


def clock_as_json(found: time.Clock) -> dict[str, Any]:
    """The clock as the API tells it."""
    return {
        "object": "test_clock",
        "now": times.rfc3339(found.now),
        "offset_ms": found.offset_ms,
        "next_cutoff_at": times.rfc3339(calendar.next_cutoff(found.now)),
        "next_payout_at": times.rfc3339(calendar.next_arrival(found.now)),
    }


def journey_as_json(journey: clock.Journey, shop_id: str) -> dict[str, Any]:
    """The clock after a move, with the shop's own batches of the way."""
    made = {"settled": journey.settled, "paid_out": journey.paid_out}
    own = {name: [batch.id for batch in found if batch.shop_id == shop_id] for name, found in made.items()}
    return clock_as_json(journey.clock) | own


def _wanted(given: Body) -> dict[str, int]:
    if given.has("by_s") == given.has("to"):
        raise BadInput(field="by_s")
    if given.has("by_s"):
        by_s = given.integer("by_s")
        if by_s < 0:
            raise clock.ClockGoesForward()
        if by_s > _YEAR_S:
            raise clock.ClockTooFar()
        return {"by_ms": by_s * 1000}
    try:
        return {"to": times.parse_rfc3339(given.text("to", longest=40))}
    except (ValueError, OverflowError):
        raise BadInput(field="to") from None
