"""A test's shop: the till of `shared.till`, with what the shop's own program needs to reach the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.till.client import Till


class Shop(Till):
    """A shop that was opened for a test. `url` and `api_key` are what its program is configured with."""

    def __init__(self, url: str, *, told: dict[str, Any]) -> None:
        super().__init__(url, told["api_key"])
        self.url = url
        self.api_key: str = told["api_key"]
        self.name: str = told["shop"]
        self.handle: str = told["handle"]
        self.cashier: str = told["cashier"]
        self.pin: str = told["pin"]

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Any call of the API, such as `ask("GET", "/v1/refunds/rf_…")`."""
        return self.merchant.ask(method, path, body)

    def add_endpoint(self, url: str, events: Sequence[str] | None = None) -> dict[str, Any]:
        """Have webhooks sent to `url`: the endpoint, with the `secret` that signs what is sent."""
        wanted = {"url": url} if events is None else {"url": url, "events": list(events)}
        return self.ask("POST", "/v1/webhook_endpoints", wanted)

    def remove_endpoint(self, id: str) -> None:
        """Have nothing sent there any more."""
        self.ask("DELETE", f"/v1/webhook_endpoints/{id}")
