"""Asking a running service over HTTP: JSON in and out, refusals as exceptions, silence told apart from refusal."""

from __future__ import annotations

from typing import Any

import httpx

from shared.errors import DomainError


class Refused(Exception):
    """The service refused: its stable `code`, its sentence, its HTTP status, and the values it named."""

    def __init__(self, code: str, detail: str, status: int, body: dict[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.status = status
        self.body = body or {}


class NoAnswer(DomainError):
    """Nobody answered: whether the request was carried out is not known. Ask again under the same id."""

    code = "no_answer"
    status = 503


class Caller:
    """One client of one service. `bearer` is a session token or an API key; `transport` replaces the network."""

    def __init__(
        self,
        base_url: str,
        bearer: str | None = None,
        *,
        timeout_s: float = 20,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._http = httpx.Client(base_url=self.base_url, timeout=timeout_s, trust_env=False, transport=transport)
        # Without a token of its own it still says Bearer: the anti-forgery rule is for browsers' cookies.
        self._http.headers.update({"Authorization": f"Bearer {bearer or 'none'}", "Accept": "application/json"})

    def ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """The JSON object that the service answers; `Refused` or `NoAnswer` otherwise."""
        try:
            answer = self._http.request(method, path, json=body, headers=headers)
            value = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise NoAnswer(service=self.base_url) from error
        if answer.is_success and isinstance(value, dict):
            return value
        told = value if isinstance(value, dict) else {}
        if answer.status_code >= 500 and told.get("code") in (None, "internal_error", "outcome_unknown"):
            raise NoAnswer(service=self.base_url)
        raise Refused(str(told.get("code", "refused")), str(told.get("detail", "")), answer.status_code, told)

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()
