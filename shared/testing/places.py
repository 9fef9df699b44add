"""Where the services of a test run: as processes of their own, or as threads of this process.

Processes are what a shop meets in earnest, and cannot disturb the tests' own modules and warnings. Inside, one starts a
little sooner, and a debugger can stop in the middle of a payment.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from shared import config as settings
from shared.testing.clerk import AnyClerk, Clerk, DistantClerk

SERVICES = ("wallet", "merchant")
ROOT = Path(__file__).resolve().parents[2]
"""What the packages `shared`, `wallet` and `merchant` lie in: a checkout, or where pip has installed them."""
_READY_WITHIN_S = 60
_STOP_WITHIN_S = 10
_for_good: list[Any] = []
"""The apps that ran inside: what works behind them ends with the process, and their databases stay open as long."""


class NotStarted(Exception):
    """A service did not start; the text is its last words."""


class Place(Protocol):
    """Both kinds of place."""

    clerk: AnyClerk

    def stop(self) -> None:
        """End the services."""


def free_ports(how_many: int) -> list[int]:
    """Ports of loopback that nobody holds just now, none of them twice."""
    held = [socket.socket() for _ in range(how_many)]
    try:
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in held]
    finally:
        for each in held:
            each.close()


class Apart:
    """Wallet, till and clerk as processes, which end when this process does, even when it is killed."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        others = {name: value for name, value in os.environ.items() if not name.startswith("SAOMA_")}
        self._environ = {**others, **environ, "PYTHONPATH": str(ROOT)}
        self._running: list[subprocess.Popen[Any]] = []
        config = settings.from_environment(environ)
        self._lifeline, self._held = os.pipe()
        try:
            clerk = self._run("shared.testing.clerk", text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.clerk: AnyClerk = DistantClerk(clerk)
            ports = {"wallet": config.wallet_port, "merchant": config.merchant_port}
            started = [(name, self._serve(name), ports[name]) for name in SERVICES]
            for name, process, port in started:
                self._wait(name, process, port)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the services; kill what does not end by itself."""
        for process in self._running:
            if process.stdin:
                process.stdin.close()
            process.send_signal(signal.SIGTERM)
        for process in self._running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_WITHIN_S)
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdout:
                process.stdout.close()
        self._running.clear()
        for end in (self._lifeline, self._held):
            with suppress(OSError):
                os.close(end)

    def _serve(self, name: str) -> subprocess.Popen[Any]:
        environ = self._environ | {"SAOMA_LIFELINE": str(self._lifeline)}
        with open(self._folder / f"{name}.log", "ab") as log:
            return self._run(name, env=environ, pass_fds=[self._lifeline], stdout=log, stdin=subprocess.DEVNULL)

    def _run(self, module: str, **more: Any) -> subprocess.Popen[Any]:
        """`python -m module`. `-P`: what lies in the tests' own folder must not pass for one of our packages."""
        with open(self._folder / f"{module.rpartition('.')[2]}.log", "ab") as log:
            given: dict[str, Any] = {"env": self._environ, "cwd": self._folder, "stderr": log, **more}
            command = [sys.executable, "-P", "-m", module]
            process: subprocess.Popen[Any] = subprocess.Popen(command, start_new_session=True, **given)
        self._running.append(process)
        return process

    def _wait(self, name: str, process: subprocess.Popen[Any], port: int) -> None:
        give_up_at = time.monotonic() + _READY_WITHIN_S
        while not _answers(port):
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.03)
            if process.returncode is not None or time.monotonic() > give_up_at:
                last = (self._folder / f"{name}.log").read_text(errors="replace").splitlines()[-20:]
                raise NotStarted("\n".join([f"The {name} did not start.", *last]))


class Inside:
    """Wallet and till as threads of this process."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        from werkzeug.serving import BaseWSGIServer, make_server

        config = settings.from_environment(environ)
        self._own = Clerk(config)
        self.clerk: AnyClerk = self._own
        self._servers: list[BaseWSGIServer] = []
        try:
            for name, port in (("wallet", config.wallet_port), ("merchant", config.merchant_port)):
                app = import_module(f"{name}.app").create_app(config)
                _for_good.append(app)
                server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_quiet())
                threading.Thread(target=server.serve_forever, name=f"saoma {name}", daemon=True).start()
                self._servers.append(server)
        except BaseException as error:
            self.stop()
            if isinstance(error, SystemExit):  # what werkzeug does about a port that somebody holds
                raise NotStarted("A port of the services is in use.") from None
            raise

    def stop(self) -> None:
        """Answer nobody any more."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._own.close()


def _quiet() -> type[Any]:
    """A handler that keeps connections and writes no line for each request."""
    from werkzeug.serving import WSGIRequestHandler

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log(self, type: str, message: str, *args: Any) -> None:
            """Say nothing."""

    return Quiet


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
