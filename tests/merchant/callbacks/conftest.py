"""The demo shop with an endpoint of its own, and the sender as a test calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from merchant.callbacks import sender
from tests.merchant.callbacks.receiver import Came, Receiver
from tests.merchant.shop import Program, Shop
from tests.world import SECRET


@dataclass
class Hooked:
    """A shop whose events go to a receiver."""

    shop: Shop
    program: Program
    receiver: Receiver
    endpoint: str
    secret: str

    def send(self) -> int:
        """Send what is due now; how many tries that were."""
        return sender.send_due(self.shop.store, config=self.shop.config, secret=SECRET)

    def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """A call of the shop's program that is answered with this status."""
        answer = self.program.ask(method, path, body)
        assert answer.status_code == status, answer.text
        return answer.json

    def created(self, **more: Any) -> str:
        """A payment intent's id."""
        return str(self.ask("POST", "/payment_intents", {"amount_minor": 1250, **more}, 201)["id"])

    def told(self) -> list[tuple[str, str]]:
        """The types and things of the events that came, by their genuine signatures."""
        found = [came.verified(self.secret) for came in self.receiver.came]
        return [(str(each["type"]), each["data"]["object"]["id"]) for each in found]  # type: ignore[index]

    def advance(self, seconds: float) -> None:
        """Move Saoma's clock on."""
        self.ask("POST", "/test_clock/advance", {"by_s": int(seconds)})

    def deliveries(self, **filters: str) -> list[dict[str, Any]]:
        """The log, the oldest first, each delivery whole."""
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        listed = self.ask("GET", f"/webhook_deliveries?{query}")["data"]
        return [self.ask("GET", f"/webhook_deliveries/{each['id']}") for each in reversed(listed)]

    def health(self) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/webhook_endpoints/{self.endpoint}")
        return found

    def only(self, *events: str) -> None:
        """Be told of these events alone."""
        self.ask("POST", f"/webhook_endpoints/{self.endpoint}", {"events": list(events)})

    def last(self) -> Came:
        return self.receiver.came[-1]


@pytest.fixture
def make_receiver() -> Iterator[Callable[[], Receiver]]:
    """`make_receiver()`: a server that is closed when the test ends."""
    made: list[Receiver] = []

    def make() -> Receiver:
        made.append(Receiver())
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def receiver(make_receiver: Callable[[], Receiver]) -> Receiver:
    return make_receiver()


@pytest.fixture
def hooked(shop: Shop, receiver: Receiver) -> Hooked:
    """The demo shop, told of everything that happens to its intents."""
    program = shop.program()
    made = program.ask("POST", "/webhook_endpoints", {"url": receiver.url})
    assert made.status_code == 201, made.text
    return Hooked(shop, program, receiver, made.json["id"], made.json["secret"])
