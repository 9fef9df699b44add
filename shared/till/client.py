"""A till in Python: charges, watches, cancels, captures, voids and refunds over the merchant API."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

from shared.web.caller import Caller, NoAnswer, Refused

_TRIES = 3


class Till:
    """One shop's till; `api_key` is the shop's bearer key.

    What changes something is asked for under an Idempotency-Key, several times while nobody answers. Whoever gives the
    `key` may ask again later, after `NoAnswer`, and it still happens once at most.
    """

    def __init__(self, base_url: str, api_key: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self.merchant = Caller(base_url, api_key, transport=transport)

    def charge(self, amount_minor: int, *, reference: str = "", key: str | None = None, **more: Any) -> dict[str, Any]:
        """Make a payment intent.

        With `capture_method="manual"` the payer authorizes, and the shop captures or voids later.
        """
        body = {"amount_minor": amount_minor, "reference": reference, **more}
        return self._insist("POST", "/v1/payment_intents", body, key)

    def accept(self, intent: str, code: str, *, key: str | None = None) -> dict[str, Any]:
        """Charge an intent to the payer code that a phone shows: its text, its digits, or the number under it.

        The intent is then captured or authorized, or it waits for the phone (`requires_confirmation`).
        """
        return self._insist("POST", f"/v1/payment_intents/{intent}/charge", {"code": code}, key)

    def status(self, intent: str) -> dict[str, Any]:
        """The intent as it stands."""
        return self.merchant.ask("GET", f"/v1/payment_intents/{intent}")

    def cancel(self, intent: str, *, key: str | None = None) -> dict[str, Any]:
        """Withdraw an unpaid intent."""
        return self._insist("POST", f"/v1/payment_intents/{intent}/cancel", {}, key)

    def capture(self, intent: str, amount_minor: int | None = None, *, key: str | None = None) -> dict[str, Any]:
        """Take what was authorized, or a part of it; the rest is released."""
        return self._insist("POST", f"/v1/payment_intents/{intent}/capture", _amount(amount_minor), key)

    def void(self, intent: str, *, key: str | None = None) -> dict[str, Any]:
        """Release what was authorized."""
        return self._insist("POST", f"/v1/payment_intents/{intent}/void", {}, key)

    def refund(
        self, intent: str, amount_minor: int | None = None, *, reason: str = "", key: str | None = None
    ) -> dict[str, Any]:
        """Give back what is left of what was captured, or a part of it; the refund."""
        body = {"payment_intent": intent, "reason": reason, **_amount(amount_minor)}
        return self._insist("POST", "/v1/refunds", body, key)

    def refunds(self, intent: str) -> list[dict[str, Any]]:
        """The refunds of an intent, oldest first; the first hundred."""
        return list(self.merchant.ask("GET", f"/v1/refunds?payment_intent={intent}")["data"])

    def static_code(self) -> str:
        """The shop's printed code, as code text."""
        return str(self.merchant.ask("GET", "/v1/static_code")["code"])

    def _insist(self, method: str, path: str, body: dict[str, Any], key: str | None) -> dict[str, Any]:
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        for _ in range(_TRIES - 1):
            try:
                return self.merchant.ask(method, path, body, headers)
            except NoAnswer:
                continue
        return self.merchant.ask(method, path, body, headers)


def _amount(amount_minor: int | None) -> dict[str, Any]:
    return {} if amount_minor is None else {"amount_minor": amount_minor}


__all__ = ["NoAnswer", "Refused", "Till"]
