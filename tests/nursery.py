"""Services without their first seconds: one process imports what they are made of, and each is born as a fork of it.

A service's start is mostly imports, and a run of the tests starts a hundred. What is forked is a process of its own,
with its own session, environment and log, and runs the same `__main__`. Where the system lacks what this takes, a
service is started as anybody starts it; the commands in tests/run start theirs so everywhere.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).parents[1]
_IMPORTED = ("wallet.app", "merchant.app", "shared.launcher.app", "shared.launcher.__main__", "shared.payments.sealing")
_LONGEST = 65_536


class Process(Protocol):
    """What a test needs of a running service; a `subprocess.Popen` is one."""

    pid: int

    def poll(self) -> int | None:
        """Its exit code once it has ended."""

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code when it ends; `subprocess.TimeoutExpired` when that takes too long."""

    def send_signal(self, sig: int) -> None:
        """Send it a signal, if it still runs."""


class Born:
    """A service that was forked by the nursery, whose child it is: only there its exit code is known."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self.pid = pid
        self._nursery = nursery
        self._handle = os.pidfd_open(pid)
        self._code: int | None = None

    def poll(self) -> int | None:
        """Its exit code once it has ended."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code when it ends; `subprocess.TimeoutExpired` when that takes too long."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(f"service {self.pid}", timeout or 0)
        return code

    def send_signal(self, sig: int) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._handle, sig)

    def _ended(self, within_s: float | None) -> int | None:
        if self._code is None and select.select([self._handle], [], [], within_s)[0]:
            self._code = self._nursery.ask({"end_of": self.pid})
            os.close(self._handle)
        return self._code


class Nursery:
    """The process that forks services, and the line to it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.nursery", str(theirs.fileno())],
                cwd=ROOT,
                env={name: value for name, value in os.environ.items() if not name.startswith("SAOMA_")},
                pass_fds=[theirs.fileno()],
            )

    def ask(self, request: Mapping[str, object]) -> int:
        """A pid for a service to be started, or the exit code of one that has ended."""
        with self._guard:
            self._line.send(json.dumps(request).encode())
            return int(self._line.recv(_LONGEST))

    def close(self) -> None:
        """Hang up: the nursery ends."""
        self._line.close()
        self._process.wait()


@cache
def _nursery() -> Nursery:
    nursery = Nursery()
    atexit.register(nursery.close)
    return nursery


def start(service: str, environ: Mapping[str, str], log: Path) -> Process:
    """`python -m service` in this environment, in a session of its own; what it prints is appended to `log`."""
    if hasattr(os, "pidfd_open"):
        nursery = _nursery()
        return Born(nursery, nursery.ask({"service": service, "environ": dict(environ), "log": str(log)}))
    with open(log, "ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", service], cwd=ROOT, env=environ, stdout=file, stderr=file, start_new_session=True
        )


def _be_born(service: str, environ: Mapping[str, str], log: str) -> None:
    """In the fork: be that service, to its end."""
    os.setsid()
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = [service]
    code = 0
    try:
        runpy.run_module(service, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main(line: socket.socket) -> None:
    """Fork what is asked for, until the tests hang up."""
    for name in _IMPORTED:
        importlib.import_module(name)
    while asked := line.recv(_LONGEST):
        request = json.loads(asked)
        if "end_of" in request:
            _, status = os.waitpid(request["end_of"], 0)
            line.send(b"%d" % os.waitstatus_to_exitcode(status))
            continue
        pid = os.fork()
        if pid == 0:
            line.close()
            _be_born(**request)
        line.send(b"%d" % pid)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
