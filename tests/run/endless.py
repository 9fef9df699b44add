"""An app with an answer that never ends, to see what serving does with it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

from flask import Flask, Response


def create_app() -> Flask:
    """`/healthz`; `/processors` that it may use; `/stream`, which marks its end in the file of SAOMA_TEST_MARK."""
    app = Flask(__name__)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok", "service": "endless"}

    @app.get("/processors")
    def processors() -> list[int]:
        return sorted(os.sched_getaffinity(0))

    @app.get("/stream")
    def stream() -> Response:
        return Response(_words(), mimetype="text/event-stream")

    return app


def _words() -> Iterator[bytes]:
    pace = threading.Event()
    try:
        while True:
            yield b": still here\n\n"
            pace.wait(0.1)
    finally:
        Path(os.environ["SAOMA_TEST_MARK"]).write_text("ended")
