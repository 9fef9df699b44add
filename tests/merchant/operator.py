"""A browser at the operator's console, as the tests use one."""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from merchant.operating import access
from tests.merchant.shop import Shop, token_of


@dataclass
class Desk:
    """The console in a browser; `password` is what opens it."""

    client: FlaskClient
    password: str
    token: str = ""

    def sign_in(self, password: str) -> TestResponse:
        """Fill the sign-in form in and send it."""
        self.token = token_of(self.client.get("/operator/signin").text) or self.token
        return self.client.post("/operator/signin", data={"password": password, "csrf_token": self.token})

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def decide(self, path: str, **form: str) -> TestResponse:
        """Press one of the console's buttons."""
        return self.client.post(path, data={**form, "csrf_token": self.token})


def open_desk(shop: Shop, *, is_signed_in: bool = True) -> Desk:
    """A fresh browser at the shop's installation's console."""
    path = access.ensure(shop.store, config=shop.config)
    desk = Desk(shop.app.test_client(), json.loads(path.read_text())["password"])
    if is_signed_in:
        answer = desk.sign_in(desk.password)
        assert (answer.status_code, answer.location) == (303, "/operator")
    return desk
