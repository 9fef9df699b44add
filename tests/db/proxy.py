"""A wire between a store and its PostgreSQL that a test can cut or stop, also at a COMMIT."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from enum import Enum
from pathlib import Path

from sqlalchemy.engine import make_url


class AtCommit(Enum):
    """What becomes of the next COMMIT that a client sends; later ones pass again."""

    PASS = "it passes"
    LOSE = "it is lost on its way, and the line with it"
    LOSE_ANSWER = "the server has answered, and the answer is lost with the line"
    HOLD = "it waits in the wire, and is gone when the client has gone"
    DELIVER_LATE = "it waits in the wire, and reaches the server only after the client has gone"


class Proxy:
    """Listens on a TCP port of its own and relays each connection to the server at a PostgreSQL URL."""

    def __init__(self, url: str) -> None:
        target = make_url(url)
        self._address = str(Path(str(target.query["host"])) / f".s.PGSQL.{target.port or 5432}")
        self.at_commit = AtCommit.PASS
        self.may_deliver = threading.Event()
        """To be set by the test when a late COMMIT may go on."""
        self._wires: list[_Wire] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/{target.database}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection that there is."""
        for wire in self._wires:
            wire.cut()

    def close(self) -> None:
        """Accept nobody any more, and break what there is."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._address)
                self._wires.append(_Wire(self, client, server))


class _Wire:
    """One client's connection and the one to the server that it is relayed to."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy, self._client, self._server = proxy, client, server
        self._is_mute = False
        self._answered = threading.Event()
        threading.Thread(target=self._to_server, daemon=True).start()
        threading.Thread(target=self._to_client, daemon=True).start()

    def cut(self) -> None:
        for end in (self._client, self._server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _to_server(self) -> None:
        with suppress(OSError):
            while sent := self._client.recv(1 << 16):
                if b"COMMIT\0" in sent and self._proxy.at_commit is not AtCommit.PASS:
                    self._strike(sent)
                    break
                self._server.sendall(sent)
        self.cut()

    def _to_client(self) -> None:
        with suppress(OSError):
            while answer := self._server.recv(1 << 16):
                if self._is_mute:
                    self._answered.set()
                else:
                    self._client.sendall(answer)
        self._answered.set()
        self.cut()

    def _strike(self, commit: bytes) -> None:
        what, self._proxy.at_commit = self._proxy.at_commit, AtCommit.PASS
        if what in (AtCommit.HOLD, AtCommit.DELIVER_LATE):
            self._client.recv(1)  # nothing comes before the client hangs up
        if what is AtCommit.DELIVER_LATE:
            self._proxy.may_deliver.wait()
        if what in (AtCommit.LOSE_ANSWER, AtCommit.DELIVER_LATE):
            self._is_mute = True
            self._server.sendall(commit)
            self._answered.wait()
