"""A wallet with people in it: phones in Python that seal for themselves, browsers that have cookies, and one shop."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.codes import frame as frames
from shared.codes import payloads, seal
from shared.codes.payloads import OrderKind
from shared.config import Config, from_environment
from shared.db.store import Store
from shared.identity.signing import Algorithm, PrivateKey
from tests.world import World
from wallet.app import create_app

BASE = "http://localhost:5001"


@dataclass
class Phone:
    """A person's phone as the doors see it: a test client, a bearer token, a key of its own."""

    client: FlaskClient
    session: str
    handle: str
    user: str
    key: PrivateKey
    realm: str
    world: World
    seen: list[TestResponse] = field(default_factory=list)

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> TestResponse:
        """One JSON request with the phone's own session."""
        options = {"json": body} if body is not None else {}
        headers = {"Authorization": f"Bearer {self.session}"}
        return self.client.open(path, method=method, headers=headers, **options, **more)

    def get(self, path: str) -> dict[str, Any]:
        return good(self.ask("GET", path))

    def post(self, path: str, body: Any = None) -> dict[str, Any]:
        return good(self.ask("POST", path, {} if body is None else body))

    def balance(self) -> int:
        return int(self.get("/api/balance")["balance_minor"])

    def card(self) -> str:
        return str(self.get("/api/me")["card"])

    def seal(self, payload: payloads.AnyPayload) -> str:
        """A code that this phone seals, as text."""
        return frames.code_text(BASE, seal.seal(payload, self.key, self.realm))

    def order(self, kind: OrderKind, payee: str, amount_minor: int, **more: Any) -> str:
        fields = {"issued_at_s": self.world.now() // 1000, "ttl_s": 120, "jti": secrets.token_bytes(8), "currency": 156}
        return self.seal(payloads.Order(payee=payee, kind=kind, amount_minor=amount_minor, **(fields | more)))

    def request(self, amount_minor: int | None = None, **more: Any) -> str:
        fields = {"issued_at_s": self.world.now() // 1000, "ttl_s": 3600, "jti": secrets.token_bytes(8)}
        asked = {"handle": self.handle, "currency": 156, "amount_minor": amount_minor} | fields | more
        return self.seal(payloads.PeerRequest(**asked))


def good(answer: TestResponse) -> dict[str, Any]:
    """The body of an answer that is no refusal."""
    assert answer.status_code < 300, answer.get_data(as_text=True)
    body = answer.get_json()
    assert isinstance(body, dict)
    return body


def refused(answer: TestResponse, code: str, status: int) -> dict[str, Any]:
    """The body of a refusal with this code, after a look at its form."""
    body = answer.get_json()
    assert (body["code"], answer.status_code) == (code, status), body
    assert answer.mimetype == "application/problem+json"
    assert body["detail"] != code
    assert "{" not in body["detail"], body["detail"]
    return dict(body)


@pytest.fixture
def config(tmp_path: Path, sqlite_url: str) -> Config:
    """The settings of a demo installation in the test's folder."""
    return from_environment({"SAOMA_DATA_DIR": str(tmp_path), "SAOMA_DATABASE_URL": sqlite_url, "SAOMA_DEMO": "1"})


@pytest.fixture
def wallet_store(sqlite_url: str, open_store: Callable[[str], Store]) -> Store:
    return open_store(sqlite_url)


@pytest.fixture
def app(config: Config, wallet_store: Store) -> Flask:
    """The wallet."""
    return create_app(config, wallet_store)


@pytest.fixture
def world(app: Flask, wallet_store: Store) -> World:
    """The installation behind the wallet, for its clock and its shops."""
    return World(wallet_store)


@pytest.fixture
def join(app: Flask, world: World) -> Callable[..., Phone]:
    """`join("Ana")`: somebody new, with a device key; `pin="…"` where they set one."""

    def new(name: str, *, pin: str | None = None, algorithm: Algorithm = Algorithm.ED25519) -> Phone:
        client = app.test_client(use_cookies=False)
        stranger = {"Authorization": "Bearer none"}
        offer = good(client.post("/api/handles", json={"display_name": name}, headers=stranger))
        key = PrivateKey.generate(algorithm)
        card = payloads.ContactCard(
            handle=offer["handle"],
            issued_at_s=offer["now_ms"] // 1000,
            display_name=name,
            public_key=key.public_key.raw,
        )
        text = frames.code_text(BASE, seal.seal(card, key, offer["realm"]))
        body = {"display_name": name, "handle": offer["handle"], "pin": pin, "card": text, "bearer": True}
        made = good(client.post("/api/users", json=body, headers=stranger))
        return Phone(client, made["session"], made["handle"], made["user"], key, offer["realm"], world)

    return new


@pytest.fixture
def ana(join: Callable[..., Phone]) -> Phone:
    return join("Ana")


@pytest.fixture
def li(join: Callable[..., Phone]) -> Phone:
    return join("Li", algorithm=Algorithm.P256)
