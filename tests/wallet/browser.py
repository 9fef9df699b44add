"""A browser as the doors see it: cookies, and the anti-forgery token of the page it is on."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Cookie, TestResponse


class Browser:
    """Somebody's browser. `base` is the persona's prefix, empty for none."""

    def __init__(self, app: Flask, language: str = "en") -> None:
        self.client: FlaskClient = app.test_client()
        self.language = language

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, headers={"Accept-Language": self.language}, **more)

    def post(self, path: str, body: object, base: str = "") -> TestResponse:
        return self.ask("POST", path, body, base)

    def ask(self, method: str, path: str, body: object, base: str = "") -> TestResponse:
        headers = {"X-CSRF-Token": self.token(base), "Accept": "application/json"}
        return self.client.open(path, method=method, json=body, headers=headers)

    def token(self, base: str = "") -> str:
        """The token of a page that is open to everybody, or of home when signed in."""
        page = self.client.get(base + "/welcome", follow_redirects=True).get_data(as_text=True)
        found = re.search(r'name="csrf-token" content="([0-9a-f]+)"', page)
        assert found, page[:300]
        return found.group(1)

    def cookies(self) -> list[Cookie]:
        """The cookies that the service set."""
        return list((self.client._cookies or {}).values())
