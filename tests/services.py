"""The real services, as processes of their own on free ports, over a data folder of the test's."""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from merchant.operating import access
from merchant.seed import seed_shop
from shared.config import Config, from_environment
from shared.db.migrate import migrate
from shared.db.store import Store
from shared.payments import installation
from shared.phone.client import Phone
from shared.till.client import Till
from shared.web.caller import Caller
from shared.web.secrets import load_secret
from tests import nursery
from wallet.seed import seed_people

ROOT = Path(__file__).parents[1]
_START_TRIES = 1200
_UNCHECKED = ssl._create_unverified_context()  # whether it answers is the question, not who it is


_ports = itertools.count(20_000 + 5_000 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]))
"""Candidates for ports: below those that the system gives out by itself, and each process of a run has its own."""


def free_port() -> int:
    """A port that was free a moment ago and is not given out again."""
    for port in _ports:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("all ports are given out")


@dataclass
class Services:
    """A wallet and a till, started, stopped and killed by a test."""

    data_dir: Path
    extra: Mapping[str, str] = field(default_factory=dict)
    environ: dict[str, str] = field(init=False)
    running: dict[str, nursery.Process] = field(default_factory=dict)
    callers: list[Caller] = field(default_factory=list)

    def __post_init__(self) -> None:
        ports = {name: str(free_port()) for name in ("WALLET", "MERCHANT", "LAUNCHER", "WALLET_TLS", "MERCHANT_TLS")}
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SAOMA_")}
        self.environ = clean | {
            "SAOMA_DATA_DIR": str(self.data_dir),
            "PYTHONPATH": str(ROOT),
            **{f"SAOMA_{name}_PORT": port for name, port in ports.items()},
            **self.extra,
        }
        migrate(self.config.database_url, realm=self.config.realm)

    @property
    def config(self) -> Config:
        return from_environment(self.environ)

    @property
    def wallet(self) -> str:
        return f"http://127.0.0.1:{self.config.wallet_port}"

    @property
    def merchant(self) -> str:
        return f"http://127.0.0.1:{self.config.merchant_port}"

    @property
    def launcher(self) -> str:
        return self.config.launcher_url

    def start(self, service: str, **environ: str) -> None:
        """Start `wallet`, `merchant` or `shared.launcher` and wait until it answers."""
        process = nursery.start(service, self.environ | environ, self.data_dir / f"{service}.log")
        self.running[service] = process
        waiting = self._addresses(service)
        for _ in range(_START_TRIES):
            if process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(waiting[0] + "/healthz", timeout=1, context=_UNCHECKED):
                    waiting.pop(0)
            except (urllib.error.URLError, OSError):
                try:
                    process.wait(0.05)
                except subprocess.TimeoutExpired:
                    continue
            if not waiting:
                return
        raise AssertionError(f"{service} did not start:\n" + (self.data_dir / f"{service}.log").read_text())

    def _addresses(self, service: str) -> list[str]:
        """Where a service listens: on the LAN also with TLS."""
        plain = {"wallet": self.wallet, "merchant": self.merchant}.get(service, self.launcher)
        config = self.config
        port = {"wallet": config.wallet_tls_port, "merchant": config.merchant_tls_port}.get(service)
        return [plain, f"https://127.0.0.1:{port}"] if config.is_lan and port else [plain]

    def finish(self) -> None:
        """Stop what runs and give all connections back."""
        self.stop()
        for caller in self.callers:
            caller.close()

    def stop(self) -> None:
        """Stop what runs."""
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.running.clear()

    def kill(self, service: str) -> None:
        """Kill a service at once, with all its processes: no clean end, no last words."""
        process = self.running.pop(service)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def wait_for_end(self, service: str) -> int:
        """The exit code of a service that is about to die."""
        return self.running.pop(service).wait(30)

    def phone(self, name: str, **more: Any) -> Phone:
        """Somebody new, with a phone."""
        phone = Phone.join(self.wallet, name, **more)
        self.callers.append(phone.wallet)
        return phone

    def till(self) -> Till:
        """The demo shop's till."""
        till = Till(self.merchant, self.till_key())
        self.callers.append(till.merchant)
        return till

    def till_key(self) -> str:
        """The API key of the demo shop."""
        return str(json.loads((self.data_dir / "till.json").read_text())["api_key"])

    def store(self) -> Store:
        """The services' database, opened beside them."""
        return Store(self.config.database_url)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """`python <command>` in the services' environment."""
        return subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.environ, capture_output=True, text=True, timeout=120
        )

    def seed(self, history_days: int = 0) -> None:
        """Put the demo shop, with a past of so many days, and the demo people into the database."""
        secret = load_secret(self.config)
        store = self.store()
        try:
            installation.ensure(store, currency=self.config.currency, secret=secret)
            seed_shop(store, config=self.config, secret=secret, history_days=history_days)
            seed_people(store, config=self.config, secret=secret)
            access.ensure(store, config=self.config)
        finally:
            store.close()
