"""The lab's page: the clock with its buttons, the table of outcomes, and the switches that break callbacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from merchant import service, signed_in
from merchant.callbacks import views_lab
from merchant.callbacks.faults import Fault, OrderedFault
from merchant.lab import clock, sandbox
from merchant.staff.roles import Role, needs
from shared.db import time
from shared.db.unit import Reader
from shared.errors import BadInput
from shared.payments import intents, outcomes
from shared.settlement import calendar

doors = signed_in.pages("lab", "/lab")
_MINUTE_MS, _HOUR_MS = 60_000, 3_600_000
STEPS = {
    "minute": _MINUTE_MS,
    "hour": _HOUR_MS,
    "day": calendar.DAY_MS,
    "week": 7 * calendar.DAY_MS,
}
"""Buttons that move the clock by so much."""


@dataclass(frozen=True, slots=True)
class Times:
    """What the clock shows, and the moments to which it can be moved at once; `code_ends_at` is when the time of the
    shop's last open code is over for good, None when no code is open.
    """

    clock: time.Clock
    code_ends_at: int | None
    cutoff_at: int
    payout_at: int


@doors.get("")
@needs(Role.MANAGER)
def lab() -> str:
    """What can be moved, asked for and broken."""
    times, faults = service.read(_shown, shop_id=service.at().shop.id)
    return render_template("till/lab.html", times=times, faults=faults, table=outcomes.TABLE, **_settings())


@doors.post("/clock")
@needs(Role.MANAGER)
def move_clock() -> AnyResponse:
    """Move the clock by one of the buttons, and come back to the page when all that is due has happened."""
    sandbox.required()
    times = service.read(_times, shop_id=service.at().shop.id)
    wish = _move_of(times, request.form.get("step", ""))
    clock.advance(service.store(), config=service.config(), secret=service.secret(), **wish)
    return redirect(service.home("lab"), 303)


def _shown(reader: Reader, *, shop_id: str) -> tuple[Times, Mapping[Fault, OrderedFault | None]]:
    return _times(reader, shop_id=shop_id), views_lab.panel(reader, shop_id=shop_id)


def _times(reader: Reader, *, shop_id: str) -> Times:
    found = time.read(reader)
    rows = reader.sql.rows(
        "SELECT max(expires_at) FROM payments_intent WHERE state IN :states AND shop_id = :shop",
        states=[state.value for state in intents.UNPAID],
        shop=shop_id,
    )
    ends_at = int(rows[0][0]) + intents.GRACE_MS + 1 if rows[0][0] is not None else None
    cutoff_at, payout_at = calendar.next_cutoff(found.now), calendar.next_arrival(found.now)
    return Times(found, ends_at if ends_at and ends_at > found.now else None, cutoff_at, payout_at)


def _move_of(times: Times, step: str) -> dict[str, int]:
    """How the pressed button moves the clock."""
    if step in STEPS:
        return {"by_ms": STEPS[step]}
    moments = {"code": times.code_ends_at or times.clock.now, "cutoff": times.cutoff_at, "payout": times.payout_at}
    if step not in moments:
        raise BadInput(field="step")
    return {"to": moments[step]}


def _settings() -> dict[str, Any]:
    return {"steps": STEPS, "is_sandbox": service.config().is_sandbox, "address": service.config().merchant_url}
