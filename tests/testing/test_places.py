"""The services of a test session: nothing of them is left behind, and what keeps one from starting is said."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from shared.testing.places import NotStarted, free_ports
from shared.testing.sandbox import Sandbox
from tests.examples import IS_FULL

ROOT = Path(__file__).parents[2]
SESSION = """
    import json, sys
    from pathlib import Path
    from shared.testing.sandbox import Sandbox

    sandbox = Sandbox(Path(sys.argv[1]))
    phone, shop = sandbox.phone(), sandbox.shop()
    phone.pay(shop.charge(1250)["code"])
    ports = [sandbox.environ[f"SAOMA_{name}_PORT"] for name in ("WALLET", "MERCHANT")]
    print(json.dumps({"left": phone.balance_minor, "audit": sandbox.audit(), "ports": ports}), flush=True)
    sys.stdin.read()
"""


def test_ports_are_given_out_once() -> None:
    assert len(set(free_ports(20))) == 20


def test_a_service_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises((NotStarted, ValueError), match="SAOMA_CURRENCY must be an ISO 4217 code"):
        Sandbox(tmp_path, environ={"SAOMA_CURRENCY": "QQQ"})


@pytest.mark.skipif(not IS_FULL, reason="starts the services as processes again; run.py test --full does")
def test_a_session_that_is_killed_leaves_no_service_behind(tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SAOMA_")}
    session = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SESSION), str(tmp_path)],
        env=environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with session:
        assert session.stdout
        told = json.loads(session.stdout.readline())
        assert (told["left"], told["audit"]) == (98_750, [])
        visitors = [socket.create_connection(("127.0.0.1", int(port)), timeout=30) for port in told["ports"]]
        session.kill()
    for visitor in visitors:
        with visitor:
            assert visitor.recv(1) == b"", "whoever is connected hears that the service has ended"
