"""Whole payments over real HTTP: a shop's program and phones against both services, each in a process of its own.

One payment is four calls: the shop makes an intent and, once it is paid, reads it; the phone opens its code and pays.
The reference is Flask's bare JSON answer on the same server (`references/bare.py`), asked by the same clients.
"""

from __future__ import annotations

import http.client
import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from shared.phone.client import Phone
from tests.bench.measure import Measure, together
from tests.bench.rounds import Goal, Subject
from tests.bench.scale import Scale
from tests.services import ROOT, Services, free_port

CLIENTS, CALLS = 16, 4
IDLE_PAGES = 200
GOALS = [
    Goal("a call of a whole payment / Flask's bare JSON answer", "http payment", "http bare", at_least=0.35),
    Goal("the same beside 200 idle live pages / without them", "http beside pages", "http payment", at_least=0.9),
    Goal("a whole payment, 99 of 100 calls are shorter than (ms)", "http payment", top="p99_ms"),
]
_AMOUNT_MINOR = 1
_READY_WITHIN_S = 30


class _Line:
    """One connection that is kept, as a browser and a shop's program keep it; as little client as there can be."""

    def __init__(self, base_url: str, bearer: str) -> None:
        self._http = http.client.HTTPConnection(base_url.removeprefix("http://"), timeout=60)
        self._headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The JSON that is answered, well."""
        self._http.request(method, path, None if body is None else json.dumps(body), self._headers)
        answer = self._http.getresponse()
        said = answer.read()
        assert answer.status < 300, said
        return json.loads(said)

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()


@dataclass(frozen=True)
class _Client:
    """A shop's program and a customer's phone in one thread, and a line to the bare reference."""

    shop: _Line
    phone: Phone
    wallet: _Line
    bare: _Line

    def pay(self, _: Random) -> None:
        """Create, scan, pay, read."""
        made = self.shop.ask("POST", "/v1/payment_intents", {"amount_minor": _AMOUNT_MINOR})
        seen = self.wallet.ask("POST", "/api/scan", {"text": made["code"]})
        subject = bytes.fromhex(seen["subject"])
        order = self.phone.order("pay", seen["payee"]["handle"], _AMOUNT_MINOR, seen["currency"], subject=subject)
        self.wallet.ask("POST", "/api/orders", {"order": order})
        assert self.shop.ask("GET", f"/v1/payment_intents/{made['id']}")["status"] == "captured"

    def ask_nothing(self, _: Random) -> None:
        """The bare answer."""
        self.bare.ask("GET", "/healthz")


@contextmanager
def subjects(folder: Path, scale: Scale, say: Callable[[str], None]) -> Iterator[list[Subject]]:
    """The services with people on them, for as long as the block."""
    say("Starting the services…")
    with ExitStack() as stack:
        data = folder / "services"
        data.mkdir()
        services = Services(data, {"SAOMA_API_RATE": "0"})  # all clients share one key, whose calls are limited
        stack.callback(services.finish)
        services.seed()
        services.start("wallet")
        services.start("merchant")
        bare, idler = _bare(stack), services.phone("Idle")
        clients = [_client(services, stack, number, bare) for number in range(CLIENTS)]

        def by_all(act: Callable[[_Client, Random], None], each: int) -> Callable[[int], Measure]:
            return lambda seed: _by_all(clients, act, scale, seed, each)

        def beside_pages(seed: int) -> Measure:
            with _idle_pages(services, idler):
                return _by_all(clients, _Client.pay, scale, seed, CALLS)

        yield [
            Subject("http bare", f"GET, {CLIENTS} clients", by_all(_Client.ask_nothing, 1), is_reference=True),
            Subject("http payment", f"calls of whole payments, {CLIENTS} clients", by_all(_Client.pay, CALLS)),
            Subject("http beside pages", f"the same beside {IDLE_PAGES} open event streams", beside_pages),
        ]


def _client(services: Services, stack: ExitStack, number: int, bare: str) -> _Client:
    phone = services.phone(f"Payer {chr(ord('A') + number)}")
    client = _Client(
        _Line(services.merchant, services.till_key()),
        phone,
        _Line(services.wallet, phone.session),
        _Line(bare, "none"),
    )
    for line in (client.shop, client.wallet, client.bare):
        stack.callback(line.close)
    return client


def _bare(stack: ExitStack) -> str:
    """The address of the bare reference, served until the end."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.references.bare", str(port)], cwd=ROOT)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    address = f"http://127.0.0.1:{port}"
    until = time.monotonic() + _READY_WITHIN_S
    while True:
        line = _Line(address, "none")
        try:
            line.ask("GET", "/healthz")
            return address
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise AssertionError("the bare reference does not answer") from None
            time.sleep(0.05)
        finally:
            line.close()


@contextmanager
def _idle_pages(services: Services, phone: Phone) -> Iterator[None]:
    """So many pages of somebody to whom nothing happens, each with its event stream open."""
    host = services.wallet.removeprefix("http://")
    with ExitStack() as stack:
        until = time.monotonic() + _READY_WITHIN_S
        opened = 0
        while opened < IDLE_PAGES:
            page = http.client.HTTPConnection(host, timeout=60)
            page.request("GET", "/events", headers={"Authorization": f"Bearer {phone.session}"})
            if page.getresponse().status == 200:
                stack.callback(page.close)
                opened += 1
                continue
            page.close()
            assert time.monotonic() < until, "the places of the last round's pages are not given back"
            time.sleep(0.2)
        yield


def _by_all(
    clients: list[_Client], act: Callable[[_Client, Random], None], scale: Scale, seed: int, each: int
) -> Measure:
    """Everybody at once, each thread with a client of its own; each act is so many calls."""
    free, own = itertools.cycle(clients), threading.local()

    def go(numbers: Random) -> None:
        if not hasattr(own, "client"):
            own.client = next(free)
        act(own.client, numbers)

    return together(go, threads=len(clients), seconds=scale.seconds, seed=seed, each=each)
