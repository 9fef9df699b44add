"""A test's phone: the phone of `shared.phone` with a PIN that it knows, and the few gestures that tests make."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from shared import money
from shared.codes.read import read_image
from shared.payments.installation import OPERATOR_HANDLE
from shared.phone.client import Phone, Refused

PIN = "271828"
"""Every test phone's PIN."""


class NothingAsked(AssertionError):
    """No shop asks this phone for anything, or not for that."""


class Handset(Phone):
    """A phone whose owner types the PIN whenever it is asked for."""

    @property
    def balance_minor(self) -> int:
        """What may be spent, in minor units."""
        return int(self.balance()["balance_minor"])

    def send_order(
        self,
        order: str,
        *,
        presented: str | None = None,
        pin: str | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> dict[str, Any]:
        """Have an order carried out, with the PIN where one is asked for and none was given."""
        try:
            return super().send_order(order, presented=presented, pin=pin, pause=pause)
        except Refused as refusal:
            if refusal.code != "pin_required" or pin is not None:
                raise
            return super().send_order(order, presented=presented, pin=PIN, pause=pause)

    def look_at(self, picture: bytes) -> str:
        """The code that a camera sees in a picture, such as a screenshot of a checkout: to be scanned or paid."""
        return read_image(picture)

    def show_code(self, cap_minor: int | None = None) -> str:
        """A payer code for the shop to scan, good for `cap_minor`: as much as this phone's limit unless given."""
        me = self.me()
        unit = money.currency(self.balance()["currency"])
        return self.payer_code(unit, int(me["cap_minor"]) if cap_minor is None else cap_minor)

    def confirm(self, intent: str | None = None) -> dict[str, Any]:
        """Pay what a shop asks for after it took this phone's code: this intent, or the oldest."""
        found = [asked for asked in self.asked() if intent in (None, asked["intent"])]
        if not found:
            raise NothingAsked(f"nothing asks this phone for {intent or 'anything'}")
        return self.send_order(self.order_to_confirm(found[0]))

    def dispute(
        self, transfer: str, amount_minor: int, *, reason: str = "not_received", words: str = "It never came"
    ) -> dict[str, Any]:
        """Complain about a payment, by the transfer that it made."""
        told = {"transfer": transfer, "amount_minor": amount_minor, "reason": reason, "words": words}
        return self.wallet.ask("POST", "/api/disputes", told)

    def top_up(self, amount_minor: int) -> dict[str, Any]:
        """Take play money from the demo bank."""
        return self.wallet.ask("POST", "/api/bank/top-ups", {"amount_minor": amount_minor})

    def withdraw(self, amount_minor: int) -> dict[str, Any]:
        """Give money back to the demo bank: an order of this phone's own."""
        currency = str(self.balance()["currency"])
        return self.send_order(self.order("withdraw", OPERATOR_HANDLE, amount_minor, currency))
