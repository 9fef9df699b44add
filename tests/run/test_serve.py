"""How one service is served: event streams end with their browsers, and never keep a service from stopping."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from shared import config as settings
from shared.web import serve
from tests.run.checkout import ROOT


class Endless:
    """The endless app in a process of its own."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.mark = folder / "mark"
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        serve = f"serve.serve('tests.run.endless:create_app', '127.0.0.1', {self.port}{more})"
        code = f"from shared.web import serve; {serve}"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "SAOMA_TEST_MARK": str(self.mark)}
        )

    @contextmanager
    def stream(self) -> Iterator[None]:
        """An open event stream, whose first words have come; its browser leaves at the end."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as browser, browser.makefile("rb") as words:
            browser.sendall(b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert any(b": still here" in line for line in words)
            yield

    def until(self, is_so: Callable[[], bool]) -> bool:
        """Whether a condition comes true within ten seconds."""
        pause = threading.Event()
        for _ in range(200):
            if is_so():
                return True
            pause.wait(0.05)
        return False

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def processors(self) -> list[int]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/processors", timeout=10) as answer:
            return list(json.loads(answer.read()))


@contextmanager
def served(folder: Path, more: str = "") -> Iterator[Endless]:
    """The endless app for the length of a block, with more arguments for `serve`."""
    app = Endless(folder, more)
    try:
        assert app.until(app.answers)
        yield app
    finally:
        if app.process.poll() is None:
            app.process.kill()
            app.process.wait()


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[Endless]:
    with served(tmp_path) as app:
        yield app


def test_a_stream_ends_when_its_browser_leaves(endless: Endless) -> None:
    with endless.stream():
        assert not endless.mark.exists()

    assert endless.until(endless.mark.exists)
    assert endless.answers()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_open_stream_does_not_keep_a_service_from_stopping(endless: Endless, number: int) -> None:
    with endless.stream():
        endless.process.send_signal(number)

        assert endless.process.wait(serve.STOP_WITHIN_S + 6) in (0, 1)
    assert not endless.answers()


def test_many_streams_leave_room_for_requests(endless: Endless) -> None:
    with ExitStack() as browsers:
        for _ in range(48):
            browsers.enter_context(endless.stream())

        assert endless.answers()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system lets nobody choose a processor")
def test_a_service_answers_from_one_processor_unless_it_is_told_otherwise(tmp_path: Path) -> None:
    with served(tmp_path) as staying, served(tmp_path, more=", stays=False") as moving:
        assert len(staying.processors()) == 1
        assert moving.processors() == sorted(os.sched_getaffinity(0))


def test_a_service_listens_beyond_loopback_only_on_the_lan(tmp_path: Path) -> None:
    at_home = settings.from_environment({"SAOMA_DATA_DIR": str(tmp_path)})
    on_lan = settings.from_environment(
        {"SAOMA_DATA_DIR": str(tmp_path), "SAOMA_LAN": "1", "SAOMA_PUBLIC_HOST": "192.168.1.50"}
    )

    assert serve.listeners_of("wallet", at_home) == [serve.Listener("127.0.0.1", 5001)]
    plain, secure = serve.listeners_of("merchant", on_lan)
    assert (plain.host, plain.port, plain.certificate) == ("0.0.0.0", 5002, None)
    assert (secure.host, secure.port) == ("0.0.0.0", 5444)
    assert secure.certificate
    assert secure.certificate.chain.exists()
