"""The demo shop's till on a world of people: the app, browsers that have cookies, programs that have the shop's key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from merchant import seed
from merchant.app import create_app
from shared.config import Config, from_environment
from shared.db.store import Store
from shared.identity import parties
from shared.identity.signing import PrivateKey
from shared.payments import intents
from shared.payments.actions import Executed
from shared.payments.intents import PaymentIntent
from tests.world import SECRET, Member, World


@dataclass
class Shop:
    """The demo shop, its app, and the world around it."""

    world: World
    config: Config
    told: dict[str, Any]
    app: Flask

    @property
    def store(self) -> Store:
        return self.world.store

    @property
    def party(self) -> parties.Known:
        return self.store.read(parties.by_handle, handle=self.told["handle"])

    @property
    def member(self) -> Member:
        """The shop as the world's payments name it; its own key stays in the till."""
        return Member(self.party, PrivateKey.generate())

    def browser(self, *, is_signed_in: bool = True) -> Browser:
        """A browser at the till."""
        browser = Browser(self.app.test_client())
        if is_signed_in:
            answer = browser.sign_in(self.told["handle"], self.told["cashier"], self.told["pin"])
            assert (answer.status_code, answer.location) == (303, "/")
        return browser

    def program(self, key: str | None = None) -> Program:
        """A program with the shop's API key, or another one."""
        return Program(self.app.test_client(), key or self.told["api_key"])

    def intent(self, id: str) -> PaymentIntent:
        """An intent as the database has it."""
        return self.store.read(intents.by_id, id=id)

    def paid_by(self, payer: Member, id: str) -> Executed:
        """What becomes of an intent that somebody pays with their phone."""
        return self.world.execute(self.world.payment(payer, self.intent(id), self.member))

    def authorized_by(self, payer: Member, id: str) -> Executed:
        """What becomes of an intent that somebody authorizes with their phone."""
        return self.world.execute(self.world.hold(payer, self.intent(id), self.member))

    def scanned_by(self, payer: Member, id: str) -> None:
        """Somebody opens the intent's code."""
        self.store.run(intents.note_scan, intent_id=id, party_id=payer.id)


@dataclass
class Browser:
    """A test client that reads the page's token, as the page's scripts do."""

    client: FlaskClient
    token: str = ""

    def sign_in(self, shop: str, cashier: str, pin: str) -> TestResponse:
        """Fill the sign-in form in and send it."""
        self.token = token_of(self.client.get("/signin").text) or self.token
        form = {"shop": shop, "cashier": cashier, "pin": pin, "csrf_token": self.token}
        return self.client.post("/signin", data=form)

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def post(self, path: str, body: Any = None) -> TestResponse:
        return self.client.post(path, json={} if body is None else body, headers={"X-CSRF-Token": self.token})

    def charge(self, typed_minor: int = 0, reference: str = "", **goods: int) -> TestResponse:
        """Charge a typed amount and goods."""
        lines: list[dict[str, Any]] = [{"item": id, "quantity": quantity} for id, quantity in goods.items()]
        typed = [{"typed_minor": typed_minor}] if typed_minor else []
        return self.sell(*lines, *typed, reference=reference)

    def sell(self, *lines: dict[str, Any], **cart: Any) -> TestResponse:
        """Charge a cart of these lines."""
        return self.post("/api/sales", {"lines": list(lines), **cart})


@dataclass
class Program:
    """A caller of the merchant API."""

    client: FlaskClient
    key: str

    def ask(self, method: str, path: str, body: Any = None, key: str | None = None, **more: Any) -> TestResponse:
        """One request; `key` is its Idempotency-Key."""
        headers = {"Authorization": f"Bearer {self.key}"} | ({"Idempotency-Key": key} if key is not None else {})
        options = {"json": body} if body is not None else {}
        return self.client.open("/v1" + path, method=method, headers=headers, **options, **more)

    def create(self, amount_minor: Any = 1250, key: str | None = None, **more: Any) -> TestResponse:
        """Make a payment intent."""
        return self.ask("POST", "/payment_intents", {"amount_minor": amount_minor, **more}, key)


def open_shop(store: Store, folder: Path, **environ: str) -> Shop:
    """The demo shop on an installed world; `SAOMA_SECRET` must be the world's."""
    config = from_environment({"SAOMA_DATA_DIR": str(folder), "SAOMA_DEMO": "1", **environ})
    told = seed.seed_shop(store, config=config, secret=SECRET)
    return Shop(World(store), config, told, create_app(config, store))


def token_of(page: str) -> str:
    """The anti-forgery token in a page; empty when there is none."""
    found = re.search(r'csrf-token" content="(\w+)"', page)
    return found.group(1) if found else ""
