"""Everything started by the one command: where it listens, what it says, and that it leaves nothing behind."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from shared.launcher import network
from shared.web import certificates
from tests.run.checkout import ROOT
from tests.run.test_refusals import free_ports

LAN_HOST = "192.168.7.7"
OTHER_HOST = "127.0.0.2" if sys.platform == "linux" else network.lan_address()
"""An address of this computer that a socket on 127.0.0.1 does not hear."""


class Start:
    """`run.py --no-browser …` on free ports and a data folder of its own."""

    def __init__(self, data_dir: Path, *argv: str) -> None:
        self.ports = free_ports()
        self.data_dir = data_dir
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SAOMA_")}
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "run.py"), "--no-browser", *argv],
            cwd="/",
            env={**clean, **self.ports, "SAOMA_DATA_DIR": str(data_dir), "SAOMA_PUBLIC_HOST": LAN_HOST},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said = ""
        self.err: list[str] = []
        self._listener = threading.Thread(target=lambda: self.err.extend(self.process.stderr or ()))
        self._listener.start()

    def wait(self) -> None:
        """Until the box of addresses stands, which is when everything answers."""
        for line in self.process.stdout or ():
            self.said += line
            if line.startswith("└"):
                return
        pytest.fail("it did not start:\n" + self.said + "".join(self.err))

    def port(self, name: str) -> int:
        return int(self.ports[f"SAOMA_{name}_PORT"])

    def descendants(self) -> set[int]:
        """Every process that it has started, and theirs."""
        listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        parents = {int(pid): int(parent) for pid, parent in map(str.split, listing.splitlines())}
        found = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return found - {self.process.pid}

    def end(self, number: int | None = None) -> int:
        """Send a signal, if any, and wait until it is over; the exit code."""
        if number:
            self.process.send_signal(number)
        code = self.process.wait(20)
        self._listener.join(20)
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        return code


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Start]]:
    """`start("--lan")`: everything running; ended with the test."""
    running: list[Start] = []

    def begin(*argv: str) -> Start:
        running.append(Start(tmp_path / "data", *argv))
        running[-1].wait()
        return running[-1]

    yield begin
    for each in running:
        each.end(signal.SIGTERM if each.process.poll() is None else None)


def is_heard(host: str | None, port: int) -> bool:
    """Whether a connection to this address of the computer is taken."""
    with socket.socket() as visitor:
        visitor.settimeout(5)
        return visitor.connect_ex((host, port)) == 0


def is_running(pid: int) -> bool:
    """Whether a process is there and more than a zombie."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.strip().startswith("Z")


def health(port: int, context: ssl.SSLContext | None = None) -> str:
    """Which service answers on a port of loopback; with a context over TLS, as the LAN's host."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    if context:
        raw = socket.create_connection(("127.0.0.1", port), timeout=10)
        connection.sock = context.wrap_socket(raw, server_hostname=LAN_HOST)
    connection.request("GET", "/healthz", headers={"Host": "localhost"})
    answer = json.load(connection.getresponse())
    connection.close()
    return str(answer["service"])


def test_a_start_listens_on_loopback_alone_and_ctrl_c_leaves_nothing_behind(start: Callable[..., Start]) -> None:
    run = start()
    services = {name: run.port(name) for name in ("WALLET", "MERCHANT", "LAUNCHER")}
    children = run.descendants()

    assert [health(port) for port in services.values()] == ["wallet", "merchant", "launcher"]
    assert not any(is_heard(OTHER_HOST, port) for port in services.values() if OTHER_HOST)
    assert not is_heard("127.0.0.1", run.port("WALLET_TLS"))
    assert all(str(port) in run.said for port in services.values())
    assert str(run.data_dir) in run.said
    assert len(children) >= 3

    assert run.end(signal.SIGINT) == 0
    assert not [pid for pid in children if is_running(pid)]
    assert not any(is_heard("127.0.0.1", port) for port in services.values())


SILENT = 30
"""More than a server with a thread for each connection would have left."""


@contextmanager
def silent_clients(*ports: int) -> Iterator[None]:
    """Clients that connect and say nothing, or half a word, to each of these ports."""
    with ExitStack() as stack:
        for port in ports:
            for number in range(SILENT):
                client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
                client.sendall((b"", b"GET / HT", b"\x16\x03\x01")[number % 3])
        yield


def test_on_the_lan_it_also_listens_outside_speaks_tls_and_is_frozen_by_no_silent_client(
    start: Callable[..., Start],
) -> None:
    run = start("--lan")
    authority = ssl.create_default_context(cafile=str(run.data_dir / "tls" / "ca.pem"))

    assert health(run.port("WALLET_TLS"), authority) == "wallet"
    assert health(run.port("MERCHANT_TLS"), authority) == "merchant"
    assert health(run.port("WALLET")) == "wallet"
    with silent_clients(*(run.port(name) for name in ("WALLET", "WALLET_TLS", "MERCHANT", "MERCHANT_TLS"))):
        assert [health(run.port(name)) for name in ("WALLET", "MERCHANT")] == ["wallet", "merchant"]
        assert health(run.port("WALLET_TLS"), authority) == "wallet"
        assert health(run.port("MERCHANT_TLS"), authority) == "merchant"
    if OTHER_HOST:
        outside = {name: is_heard(OTHER_HOST, run.port(name)) for name in ("WALLET", "MERCHANT_TLS", "LAUNCHER")}
        assert outside == {"WALLET": True, "MERCHANT_TLS": True, "LAUNCHER": False}
    assert f"https://{LAN_HOST}:{run.port('WALLET_TLS')}" in run.said
    assert f"http://{LAN_HOST}:{run.port('WALLET')}/start" in run.said
    known = certificates.authority(run.data_dir / "tls")
    assert known
    assert all(line in run.said for line in known.fingerprint())
    children = run.descendants()

    assert run.end(signal.SIGTERM) == 0
    assert not [pid for pid in children if is_running(pid)]


def test_when_one_service_dies_all_stop_and_it_is_named(start: Callable[..., Start]) -> None:
    run = start()
    listing = subprocess.run(["ps", "-A", "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 1) for line in listing.splitlines()]
    mine = run.descendants()
    [merchant, *_] = sorted(int(pid) for pid, args in rows if int(pid) in mine and args.endswith("-m merchant"))

    os.kill(merchant, signal.SIGKILL)

    assert run.end() == 1
    assert not [pid for pid in mine if is_running(pid)]
    assert any("merchant" in line for line in run.err)


def test_when_it_is_killed_outright_its_children_end_by_themselves(start: Callable[..., Start]) -> None:
    run = start()
    children = run.descendants()

    run.end(signal.SIGKILL)

    pause = threading.Event()
    for _ in range(100):
        if not any(map(is_running, children)):
            break
        pause.wait(0.1)
    assert not [pid for pid in children if is_running(pid)]


def test_reset_moves_the_data_aside_and_begins_anew(start: Callable[..., Start]) -> None:
    run = start()
    first = json.loads((run.data_dir / "till.json").read_text())
    run.end(signal.SIGINT)

    again = start("--reset", "--yes")

    assert json.loads((again.data_dir / "till.json").read_text())["api_key"] != first["api_key"]
    [aside] = [path for path in again.data_dir.parent.iterdir() if path != again.data_dir]
    assert json.loads((aside / "till.json").read_text()) == first


def test_reset_without_a_yes_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "kept").touch()

    run = Start(tmp_path / "data", "--reset")

    assert run.end() == 1
    assert (tmp_path / "data" / "kept").exists()
