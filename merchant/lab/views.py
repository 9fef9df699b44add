"""The lab's doors for programs: the test clock, and the outcomes that may be asked for."""

from __future__ import annotations

from typing import Any

from flask import Response, g, jsonify

from merchant import service
from merchant.api import entry
from merchant.api.description import (
    INTEGER,
    MINOR,
    TEXT,
    TIME,
    body,
    choice,
    form,
    id_of,
    integer,
    list_of,
    named,
    nullable,
    text,
)
from merchant.api.description import described as describe
from merchant.lab import clock, keeping, sandbox
from shared import clock as times
from shared.db import time
from shared.errors import BadInput
from shared.payments import outcomes
from shared.payments.outcomes import Row
from shared.payments.states import IntentState
from shared.settlement import calendar
from shared.web import body as bodies
from shared.web.body import Body

doors = entry.doors_of("lab_api")
_YEAR_S = clock.FARTHEST_MS // 1000
_TOLD = {"object": named("test_clock"), "now": TIME, "offset_ms": INTEGER}
_NEXT = {"next_cutoff_at": TIME, "next_payout_at": TIME}
_CLOCK = form("test_clock", **_TOLD, **_NEXT)
_MOVED = form("test_clock_moved", **_TOLD, **_NEXT, settled=list_of(id_of("bat")), paid_out=list_of(id_of("bat")))
_MOVE = body("test_clock_move", by_s=nullable(integer(0, _YEAR_S)), to=nullable(text(40))).like(by_s=3600)
_OUTCOME = form(
    "test_outcome", object=named("test_outcome"), outcome=choice(*outcomes.Outcome), amount_minor=MINOR, note=TEXT,
    payer=TEXT, status=choice(*IntentState), ends_as=choice(*IntentState), refusal=nullable(TEXT), description=TEXT,
)  # fmt: skip
_OUTCOMES = form("test_outcomes", object=named("list"), data=list_of(_OUTCOME))


@doors.get("/test_clock")
@entry.allows("test_clock:read")
@describe("Read the test clock", answers={200: _CLOCK})
def show_clock() -> Response:
    """What time it is for Saoma, how far that is ahead, and when shops are settled and payouts arrive next."""
    return jsonify(clock_as_json(service.read(time.read)))


@doors.post("/test_clock/advance")
@entry.allows("test_clock:write")
@describe(
    "Advance the test clock",
    sent=_MOVE,
    answers={200: _MOVED},
    refuses=("not_a_sandbox", "clock_goes_forward", "clock_too_far"),
)
def advance_clock() -> Response:
    """Move the clock forward, by seconds (`by_s`) or to a moment (`to`). When the answer comes, everything that is due
    by then has happened: codes and holds have expired, outcomes are known, shops are settled, payouts have arrived.
    """
    sandbox.required()
    given = bodies.read().only("by_s", "to")
    return jsonify(keeping.kept(given, lambda: _moved(**_wanted(given))))


@doors.get("/test_outcomes")
@entry.allows("test_outcomes:read")
@describe("List test outcomes", answers={200: _OUTCOMES})
def list_outcomes() -> Response:
    """How a payment can be made to end in each way: by its amount, by a word in its memo, or by who pays."""
    return jsonify({"object": "list", "data": [outcome_as_json(row) for row in outcomes.TABLE]})


def outcome_as_json(row: Row) -> dict[str, Any]:
    """A row of the table, with its sentence."""
    return {
        "object": "test_outcome",
        "outcome": row.outcome.value,
        "amount_minor": row.amount_minor,
        "note": row.note,
        "payer": row.payer,
        "status": row.status,
        "ends_as": row.ends_as,
        "refusal": row.told or None,
        "description": g.say(f"lab.outcome.{row.outcome}"),
    }


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


def _moved(**wanted: int) -> dict[str, Any]:
    journey = clock.advance(service.store(), config=service.config(), secret=service.secret(), **wanted)
    return journey_as_json(journey, entry.shop().id)


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
