"""A small HTTP server on a free port, which hands what is posted to it to whoever made it."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_LONGEST = 1 << 20
_LOOKS_UP_S = 0.05
"""How often it looks whether it is to end."""


class Listener(ABC):
    """Listens from the start until `close`. `news` is the condition that whoever waits for a request waits on."""

    def __init__(self) -> None:
        self.news = threading.Condition()
        listener = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _LONGEST))
                self.send_response(listener.take(dict(self.headers), body))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._server.daemon_threads = True
        listen = partial(self._server.serve_forever, poll_interval=_LOOKS_UP_S)
        self._thread = threading.Thread(target=listen, name="receiver", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    @abstractmethod
    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        """What is done with a request; its answer's status."""

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
