"""The launcher's door: what just happened, for whoever holds the launcher's key.

Outside demo mode, and for everybody else, it does not exist.
"""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, jsonify, request

from shared.errors import NotFound
from shared.web import tickets
from wallet import service
from wallet.demo import story
from wallet.history.views import number

doors = Blueprint("demo", __name__)


@doors.get("/demo/happened")
def happened() -> Response:
    """The changes after an event's number, newest first, each taken apart."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    expected = tickets.launchers_key(service.secret())
    if not service.config().is_demo or not hmac.compare_digest(given.encode(), expected.encode()):
        raise NotFound()
    after, most = number("after", 0, 2**62), number("most", story.MOST, story.MOST)
    found = service.read(story.happened, after=after or 0, most=most or story.MOST)
    return jsonify({"data": [one.as_json() for one in found]})
