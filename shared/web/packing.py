"""Scripts, styles and drawings leave packed where the browser takes it: a phone on a slow network waits for bytes.

Pages and answers do not: they hold secrets beside what others may have written, which a packed length could betray.
"""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Flask, Response, request

_KINDS = frozenset({"text/css", "text/javascript", "image/svg+xml", "application/manifest+json"})
_SMALLEST = 400
"""Below so many bytes packing gains nothing."""


def install(app: Flask) -> None:
    """Pack what lies under `static/`."""

    @app.after_request
    def pack(response: Response) -> Response:
        is_file = request.endpoint in ("look", "static", "shared.static") and response.mimetype in _KINDS
        if not is_file or response.status_code != 200 or request.method != "GET":
            return response
        response.vary.add("Accept-Encoding")
        if not request.accept_encodings["gzip"]:
            return response
        response.direct_passthrough = False
        raw = response.get_data()
        if len(raw) >= _SMALLEST:
            response.set_data(_packed(raw))
            response.content_encoding = "gzip"
            etag, _ = response.get_etag()
            if etag:
                response.set_etag(etag, weak=True)  # the same file in other bytes
        return response


@lru_cache(maxsize=512)
def _packed(raw: bytes) -> bytes:
    return gzip.compress(raw, 9, mtime=0)
