"""A till in Python: charges, watches, cancels, captures, voids and refunds over the merchant API."""

from __future__ import annotations

import uuid
from typing import Any

from shared.web.caller import Caller, NoAnswer, Refused

_TRIES = 3


class Till:
    """One shop's till; `api_key` is the shop's bearer key."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self.merchant = Caller(base_url, api_key)

    def charge(self, amount_minor: int, *, reference: str = "", **more: Any) -> dict[str, Any]:
        """Make a payment intent. Unanswered, it is asked for again under the same Idempotency-Key.

        With `capture_method="manual"` the payer authorizes, and the shop captures or voids later.
        """
        body = {"amount_minor": amount_minor, "reference": reference, **more}
        return self._insist("POST", "/v1/payment_intents", body)

    def status(self, intent: str) -> dict[str, Any]:
        """The intent as it stands."""
        return self.merchant.ask("GET", f"/v1/payment_intents/{intent}")

    def cancel(self, intent: str) -> dict[str, Any]:
        """Withdraw an unpaid intent."""
        return self._insist("POST", f"/v1/payment_intents/{intent}/cancel", {})

    def capture(self, intent: str, amount_minor: int | None = None) -> dict[str, Any]:
        """Take what was authorized, or a part of it; the rest is released."""
        return self._insist("POST", f"/v1/payment_intents/{intent}/capture", _amount(amount_minor))

    def void(self, intent: str) -> dict[str, Any]:
        """Release what was authorized."""
        return self._insist("POST", f"/v1/payment_intents/{intent}/void", {})

    def refund(self, intent: str, amount_minor: int | None = None, *, reason: str = "") -> dict[str, Any]:
        """Give back what is left of what was captured, or a part of it; the refund."""
        body = {"payment_intent": intent, "reason": reason, **_amount(amount_minor)}
        return self._insist("POST", "/v1/refunds", body)

    def refunds(self, intent: str) -> list[dict[str, Any]]:
        """The refunds of an intent, oldest first; the first hundred."""
        return list(self.merchant.ask("GET", f"/v1/refunds?payment_intent={intent}")["data"])

    def static_code(self) -> str:
        """The shop's printed code, as code text."""
        return str(self.merchant.ask("GET", "/v1/static_code")["code"])

    def _insist(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        for _ in range(_TRIES - 1):
            try:
                return self.merchant.ask(method, path, body, headers)
            except NoAnswer:
                continue
        return self.merchant.ask(method, path, body, headers)


def _amount(amount_minor: int | None) -> dict[str, Any]:
    return {} if amount_minor is None else {"amount_minor": amount_minor}


__all__ = ["NoAnswer", "Refused", "Till"]
