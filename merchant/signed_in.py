"""What all pages of the till share: nobody sees them without signing in, and each says whose till it is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect
from werkzeug.wrappers import Response as AnyResponse

from merchant import service
from shared import money
from shared.web import sessions


def pages(name: str, url_prefix: str | None = None) -> Blueprint:
    """Doors that lead to pages of the till; what each needs beyond signing in, `@needs` says beside it."""
    doors = Blueprint(name, __name__, url_prefix=url_prefix)
    doors.before_request(lead_to_sign_in)
    doors.context_processor(furnish)
    return doors


def lead_to_sign_in() -> AnyResponse | None:
    """Let only those in who are signed in."""
    if sessions.current() is None:
        return redirect(service.home("signin"))
    service.at()
    return None


def furnish() -> dict[str, Any]:
    """What every page of the till shows: whose it is, and amounts as they are typed."""
    unit = service.unit()
    return {"till": g.get("at"), "unit": unit, "major": lambda minor: money.to_major(minor, unit)}
