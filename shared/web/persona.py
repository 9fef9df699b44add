"""Two phones in one browser: a service mounted under `/w/<persona>/`.

The prefix becomes WSGI's SCRIPT_NAME, so links, cookies' paths and the names of stored keys carry it by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_PREFIX = re.compile(r"/w/[a-z0-9-]{1,20}(?=/|\Z)", re.ASCII)


class PersonaPrefix:
    """WSGI middleware that moves a persona's prefix from PATH_INFO to SCRIPT_NAME."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        found = _PREFIX.match(environ.get("PATH_INFO", ""))
        if found:
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + found.group()
            environ["PATH_INFO"] = environ["PATH_INFO"][found.end() :] or "/"
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer


def persona_of(script_root: str) -> str:
    """The persona of a request's script root; empty for none."""
    return script_root.rpartition("/")[2] if _PREFIX.fullmatch(script_root) else ""
