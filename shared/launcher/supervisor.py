"""Runs the services as processes: their names before their lines, none left behind, and one that dies ends all.

A child leads a process group of its own, so Ctrl-C reaches this process alone, which then ends the children in order.
It also holds the read end of a pipe: when this process is killed, the pipe closes and the child ends by itself.
"""

from __future__ import annotations

import http.client
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

READY_WITHIN_S = 60
STOP_WITHIN_S = 8
LAST_LINES = 20
_PAUSE_S = 0.03


@dataclass(frozen=True, slots=True)
class Service:
    """A process to run: `python -m <module>`, ready when `GET /healthz` answers 200 on each of loopback's `ports`.

    Those in `tls_ports` speak TLS.
    """

    name: str
    module: str
    ports: tuple[int, ...]
    tls_ports: tuple[int, ...] = ()

    def is_ready(self) -> bool:
        """Whether every listener of it answers."""
        plain = all(is_ready(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) for port in self.ports)
        return plain and all(is_ready(_over_tls(port)) for port in self.tls_ports)


class Died(Exception):
    """A service ended by itself, or never became ready (`code` None): its name, its exit code, its last words."""

    def __init__(self, name: str, code: int | None, last_lines: Sequence[str]) -> None:
        super().__init__(name, code)
        self.name = name
        self.code = code
        self.last_lines = last_lines


class Child:
    """One running process whose lines appear on our standard error, with its name before them."""

    def __init__(self, name: str, command: Sequence[str], *, cwd: Path, environ: Mapping[str, str]) -> None:
        self.name = name
        self._lines: deque[str] = deque(maxlen=LAST_LINES)
        lifeline, self._held = os.pipe()
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**environ, "SAOMA_LIFELINE": str(lifeline), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=[lifeline],
            start_new_session=True,
        )
        os.close(lifeline)
        self._reader = threading.Thread(target=self._read, name=f"log of {name}", daemon=True)
        self._reader.start()

    def check(self) -> None:
        """`Died` when the process has ended."""
        code = self.process.poll()
        if code is not None:
            self._reader.join(1)
            raise Died(self.name, code, list(self._lines))

    def useless(self) -> Died:
        """How it is told that this process, though running, never became ready."""
        return Died(self.name, self.process.poll(), list(self._lines))

    def stop(self, within_s: float) -> None:
        """Wait for a process that was asked to end; kill it, and whatever it has left behind, when it does not."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(within_s)
        with suppress(ProcessLookupError, PermissionError):  # nobody left; macOS says the latter of zombies
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._held)
        self._reader.join(1)

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self._lines.append(line.rstrip("\n"))
            print(f"{self.name:8} | {line}", end="", file=sys.stderr, flush=True)


class Supervisor:
    """The children of one start. As a context it leaves no process behind, however it is left."""

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        self._root = root
        self._environ = environ
        self._children: list[Child] = []

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def run(self, name: str, *arguments: str) -> None:
        """Run a Python command line to its end; `Died` when it fails."""
        child = Child(name, [sys.executable, *arguments], cwd=self._root, environ=self._environ)
        self._children.append(child)
        code = child.process.wait()
        if code:
            child.check()
        self._children.remove(child)
        child.stop(0)

    def start(self, services: Sequence[Service]) -> None:
        """Start all the services and return when each of them answers; `Died` when one does not."""
        started = []
        for service in services:
            command = [sys.executable, "-m", service.module]
            started.append((service, Child(service.name, command, cwd=self._root, environ=self._environ)))
            self._children.append(started[-1][1])
        give_up_at = time.monotonic() + READY_WITHIN_S
        for service, child in started:
            while not service.is_ready():
                self.check()
                if time.monotonic() > give_up_at:
                    raise child.useless()
                time.sleep(_PAUSE_S)

    def watch(self) -> None:
        """Wait until a service ends, which is `Died`; signals arrive as KeyboardInterrupt."""
        while True:
            self.check()
            time.sleep(0.2)

    def check(self) -> None:
        """`Died` when one of the services has ended."""
        for child in self._children:
            child.check()

    def stop(self) -> None:
        """End every child: asked first, killed when it takes too long."""
        for child in self._children:
            child.process.terminate()
        kill_at = time.monotonic() + STOP_WITHIN_S
        for child in self._children:
            child.stop(max(0, kill_at - time.monotonic()))
        self._children.clear()


def is_ready(connection: http.client.HTTPConnection) -> bool:
    """Whether a service answers `GET /healthz` with 200 there; the connection is closed."""
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{connection.port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _over_tls(port: int) -> http.client.HTTPSConnection:
    """To our own child on loopback: whether it answers is the question here, not who it is."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=2, context=context)
