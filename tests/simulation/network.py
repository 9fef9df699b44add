"""Wires between the clients and the services: they lose, double, delay and reorder, and the services die at commits."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from tests.simulation.clockwork import Answer, Clockwork
from tests.simulation.place import POINTS, Died, Service

PATIENCE_MS = 5_000
"""How long a client waits for an answer."""


@dataclass(frozen=True)
class Weather:
    """How often what happens to a message, in hundredths."""

    lost: int = 5
    doubled: int = 7
    slow: int = 7
    """Slower than the sender's patience, now and then: it arrives after the sender has given up."""
    deadly: int = 5
    """The service dies at a commit of this request."""


ROUGH, FAIR = Weather(), Weather(0, 0, 0, 0)


class Network:
    """Everything between the clients and the services. `answered_at` is when a client's last answer was made."""

    def __init__(self, clockwork: Clockwork) -> None:
        self.clockwork = clockwork
        self.weather = ROUGH
        self.answered_at: dict[str, int] = {}

    def carry(self, who: str, service: Service, request: httpx.Request) -> httpx.Response:
        """Send a client's request and wait for the answer, as its HTTP library would."""
        request.read()
        answer = Answer(self.clockwork)
        self._send(who, service, request, answer)
        if self._happens(self.weather.doubled):
            self._send(who, service, request, None)
        self.clockwork.later(PATIENCE_MS, lambda: answer.give(httpx.ReadTimeout("no answer", request=request)))
        got = answer.wait()
        if isinstance(got, Exception):
            raise got
        assert isinstance(got, httpx.Response)
        return got

    def _send(self, who: str, service: Service, request: httpx.Request, answer: Answer | None) -> None:
        if not self._happens(self.weather.lost):
            self.clockwork.later(self._delay(), lambda: self._arrive(who, service, request, answer))

    def _arrive(self, who: str, service: Service, request: httpx.Request, answer: Answer | None) -> None:
        fate = None
        if self._happens(self.weather.deadly):
            fate = self.clockwork.random.choice(POINTS), self.clockwork.random.randint(1, 2)
        made_at = self.clockwork.now_ms
        try:
            response = service.handle(request, fate)
        except Died as death:
            self.clockwork.note(service.name, f"died at {death} on {request.method} {_shape(request)}")
            if answer:
                self.clockwork.later(0, lambda: answer.give(httpx.ReadError("the line broke", request=request)))
            return
        if answer is None:
            self.clockwork.note(service.name, f"{response.status_code} to a copy of {request.method} {_shape(request)}")
        elif not self._happens(self.weather.lost):
            self.clockwork.later(self._delay(), lambda: self._return(who, response, answer, made_at))

    def _return(self, who: str, response: httpx.Response, answer: Answer, made_at: int) -> None:
        self.answered_at[who] = made_at
        answer.give(response)

    def _delay(self) -> int:
        if self._happens(self.weather.slow):
            return self.clockwork.random.randint(1_000, 90_000)
        return self.clockwork.random.randint(1, 400)

    def _happens(self, hundredths: int) -> bool:
        return self.clockwork.random.randrange(100) < hundredths


class Wire(httpx.BaseTransport):
    """One client's way to one service."""

    def __init__(self, network: Network, who: str, service: Service) -> None:
        self._network = network
        self._who = who
        self._service = service

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """What httpx calls."""
        return self._network.carry(self._who, self._service, request)


def _shape(request: httpx.Request) -> str:
    """The path without ids."""
    return "/".join("…" if part.startswith("pi_") else part for part in request.url.path.split("/"))
