"""Where a merchant hears its notices: a small server that keeps what came, and answers what the test says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import Any


@dataclass
class Receiver:
    """A shop's address for notices, and the notices: each with its headers and its body."""

    url: str
    notices: list[tuple[Any, str]] = field(default_factory=list)
    status: int = 204
    arrived: SimpleQueue[tuple[Any, str]] = field(default_factory=SimpleQueue)

    def next(self) -> tuple[Any, str]:
        """The next notice, as soon as it is there; `queue.Empty` when none comes."""
        return self.arrived.get(timeout=60)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens for as long as the block lasts."""
    made = Receiver("")

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            notice = (self.headers, self.rfile.read(int(self.headers["Content-Length"])).decode())
            made.notices.append(notice)
            made.arrived.put(notice)
            self.send_response(made.status)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    made.url = f"http://127.0.0.1:{server.server_port}/notify"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()
