"""Paying over HTTP: a real wallet service in a process of its own, against the least that it can answer."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from shared.phone.client import Phone
from tests.bench.measure import Measure, together
from tests.bench.rounds import Goal, Subject
from tests.bench.scale import Scale
from tests.services import Services

GOALS = [Goal("paying over HTTP / a trivial answer of the same server", "http pay", "http trivial", at_least=0.25)]
PHONES = 16
_AMOUNT_MINOR = 1


class _Visitor:
    """A phone with one connection that is kept, as a browser keeps it; as little client as there can be."""

    def __init__(self, base_url: str, phone: Phone) -> None:
        self.phone = phone
        self._http = http.client.HTTPConnection(base_url.removeprefix("http://"), timeout=20)
        self._headers = {"Authorization": f"Bearer {phone.session}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: str | None = None) -> None:
        """Have it answered well."""
        self._http.request(method, path, body, self._headers)
        answer = self._http.getresponse()
        said = answer.read()
        assert answer.status < 300, said

    def send_money(self, payee: str) -> None:
        """Seal an order and have it carried out."""
        order = self.phone.order("send", payee, _AMOUNT_MINOR, "CNY")
        self.ask("POST", "/api/orders", json.dumps({"order": order}))

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()


@contextmanager
def subjects(folder: Path, scale: Scale, say: Callable[[str], None]) -> Iterator[list[Subject]]:
    """The service with people on it, for as long as the block."""
    say("Starting a wallet…")
    with ExitStack() as stack:
        data = folder / "services"
        data.mkdir()
        services = Services(data)
        stack.callback(services.finish)
        services.seed()
        services.start("wallet")
        visitors = [
            _Visitor(services.wallet, services.phone(f"Payer {chr(ord('A') + number)}")) for number in range(PHONES)
        ]
        for visitor in visitors:
            stack.callback(visitor.close)

        def pay(visitor: _Visitor, numbers: random.Random) -> None:
            others = [other for other in visitors if other is not visitor]
            visitor.send_money(numbers.choice(others).phone.handle)

        def by_all(act: Callable[[_Visitor, random.Random], None]) -> Callable[[int], Measure]:
            return lambda seed: _by_all(visitors, act, scale, seed)

        yield [
            Subject(
                "http trivial",
                f"GET /healthz, {PHONES} connections",
                by_all(lambda visitor, _: visitor.ask("GET", "/healthz")),
                is_reference=True,
            ),
            Subject("http pay", f"POST /api/orders, {PHONES} connections", by_all(pay)),
        ]


def _by_all(
    visitors: list[_Visitor], act: Callable[[_Visitor, random.Random], None], scale: Scale, seed: int
) -> Measure:
    """Everybody at once, each thread with a visitor of its own."""
    free, own = itertools.cycle(visitors), threading.local()

    def go(numbers: random.Random) -> None:
        if not hasattr(own, "visitor"):
            own.visitor = next(free)
        act(own.visitor, numbers)

    return together(go, threads=len(visitors), seconds=scale.seconds, seed=seed)
