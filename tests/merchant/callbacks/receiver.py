"""A shop's server that tests stand behind: it keeps what comes and answers as it is told to, or worse."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

from standardwebhooks import Webhook

TLS = b"\x16"
"""What a connection over TLS begins with."""
OK = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"


def status(code: int, *headers: str, body: bytes = b"") -> bytes:
    """An answer of this status."""
    head = [f"HTTP/1.1 {code} Whatever", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Came:
    """A request that came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    def verified(self, secret: str) -> dict[str, object]:
        """What it says, once the specification's own library has found its signature good."""
        found: dict[str, object] = Webhook(secret).verify(self.body.decode(), self.headers)
        return found


class Receiver:
    """Listens on a port of its own. `answers` are given one after another, then `usual`; each may be bytes, or a
    callable that is left alone with the connection.
    """

    def __init__(self) -> None:
        self.came: list[Came] = []
        self.answers: list[bytes | Callable[[socket.socket], None]] = []
        self.usual: bytes | Callable[[socket.socket], None] = OK
        self.connections = 0
        self._changed = threading.Condition()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?shop=1"

    def wait_for(self, count: int, timeout_s: float = 20) -> list[Came]:
        """What came, once it is so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.came) >= count, timeout_s), f"{len(self.came)} of {count}"
            return list(self.came)

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line:
            came = read_request(line)
            if came is None:
                return
            with self._changed:
                self.came.append(came)
                answer = self.answers.pop(0) if self.answers else self.usual
                self._changed.notify_all()
            if callable(answer):
                answer(line)
            else:
                line.sendall(answer)


def read_request(line: socket.socket) -> Came | None:
    """One request, whole; None when the line ends before it does."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        more = line.recv(65536)
        if not more:
            return None
        raw += more
        if raw.startswith(TLS):
            line.sendall(status(400))
            return None
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        more = line.recv(65536)
        if not more:
            return None
        body += more
    return Came(first.split(" ")[1], headers, body)
