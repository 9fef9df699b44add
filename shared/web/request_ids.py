"""The name of a request: told to the caller in the answer, so that both sides can find the same one again.

None is taken from outside: what stands in our books is ours.
"""

from __future__ import annotations

from flask import g

from shared import clock, ids


def current() -> str:
    """The name of the request that is being answered: `req_…`, made when it is first asked for."""
    if "request_id" not in g:
        g.request_id = ids.new_id("req", clock.system_now())
    name: str = g.request_id
    return name
