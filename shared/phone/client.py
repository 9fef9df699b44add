"""A phone in Python: what the wallet's pages do, over the same JSON doors, with a key of its own."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx

from shared import clock, money
from shared.codes import frame as frames
from shared.codes import payloads, seal
from shared.errors import BadInput
from shared.identity.signing import Algorithm, PrivateKey
from shared.web.caller import Caller, NoAnswer, Refused

_KINDS = {"payment_request": "pay", "shop_code": "pay", "peer_request": "send", "contact_card": "send"}
"""What kind of order answers a code. A request whose shop captures by hand is answered by a `hold`."""
_MOVED_MS = 10_000
"""A clock that is farther off than this was moved."""
_PATIENCE_S = (0.2, 0.5, 1.0, 2.0, 4.0)
"""The pauses between the times that an unanswered order is asked for again."""


class AmountRequired(BadInput):
    """The code leaves the amount to the payer, and none was given."""

    code = "amount_required"


class AmountFixed(BadInput):
    """The code names the amount, and another one was given."""

    code = "amount_fixed"


class NothingToPay(BadInput):
    """The code is fine, but it does not ask for money."""

    code = "nothing_to_pay"


class Phone:
    """One person's phone. `key` signs; the wallet's service at `base_url` carries out."""

    def __init__(
        self,
        base_url: str,
        *,
        key: PrivateKey,
        handle: str,
        realm: str,
        session: str,
        user: str = "",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.key = key
        self.handle = handle
        self.realm = realm
        self.session = session
        self.user = user
        self.wallet = Caller(base_url, session, transport=transport)
        self.offset_ms: int | None = None

    @classmethod
    def join(
        cls,
        base_url: str,
        name: str,
        *,
        pin: str | None = None,
        algorithm: Algorithm = Algorithm.ED25519,
        transport: httpx.BaseTransport | None = None,
    ) -> Phone:
        """Sign a new person up with a key made here."""
        stranger = Caller(base_url, transport=transport)
        try:
            offer = stranger.ask("POST", "/api/handles", {"display_name": name})
            key = PrivateKey.generate(algorithm)
            card = payloads.ContactCard(
                handle=offer["handle"],
                issued_at_s=offer["now_ms"] // 1000,
                display_name=name,
                public_key=key.public_key.raw,
            )
            text = frames.code_text(base_url, seal.seal(card, key, offer["realm"]))
            body = {"display_name": name, "handle": offer["handle"], "pin": pin, "card": text, "bearer": True}
            made = stranger.ask("POST", "/api/users", body)
        finally:
            stranger.close()
        return cls(
            base_url,
            key=key,
            handle=made["handle"],
            realm=offer["realm"],
            session=made["session"],
            user=made["user"],
            transport=transport,
        )

    def card(self) -> str:
        """My contact card, as code text."""
        return str(self.wallet.ask("GET", "/api/me")["card"])

    def scan(self, text: str) -> dict[str, Any]:
        """What a code means: `kind`, `payee`, `amount_minor`, `currency`, `expires_at`, `verified`, … Never acts.

        `capture_method` is `manual` where paying authorizes and the shop takes the money later.
        """
        return self.wallet.ask("POST", "/api/scan", {"text": text})

    def balance(self) -> dict[str, Any]:
        """`balance_minor` (what may be spent), `held_minor` and `currency`."""
        return self.wallet.ask("GET", "/api/balance")

    def statement(self) -> list[dict[str, Any]]:
        """The newest rows of the statement."""
        return list(self.wallet.ask("GET", "/api/statement")["rows"])

    def add(self, text: str) -> dict[str, Any]:
        """Add the owner of a contact card, asking them or answering their request."""
        return self.wallet.ask("POST", "/api/contacts", {"card": text})

    def contacts(self) -> list[dict[str, Any]]:
        """My contacts and the requests that wait."""
        return list(self.wallet.ask("GET", "/api/contacts")["contacts"])

    def accept(self, handle: str) -> dict[str, Any]:
        """Say yes to somebody's friend request."""
        return self.wallet.ask("POST", f"/api/contacts/{handle}/accept", {})

    def request(self, amount_minor: int | None = None, *, memo: str | None = None, ttl_s: int = 86_400) -> str:
        """A code that asks for money, sealed here; without an amount the payer types it."""
        unit = money.currency(self.balance()["currency"])
        asked = payloads.PeerRequest(
            handle=self.handle,
            currency=unit.numeric,
            issued_at_s=self._now_s(),
            ttl_s=ttl_s,
            jti=secrets.token_bytes(8),
            amount_minor=amount_minor,
            memo=memo,
        )
        text = frames.code_text(self.wallet.base_url, seal.seal(asked, self.key, self.realm))
        return str(self.wallet.ask("POST", "/api/requests", {"request": text})["code"])

    def payer_code(self, currency: money.Currency, cap_minor: int) -> str:
        """A code that a shop may charge up to `cap_minor`, once, in the next two minutes; sealed here, also offline.

        Its counter is the time in milliseconds, which only grows.
        """
        with suppress(NoAnswer, Refused):  # it is shown offline as well, by the time that was heard last
            self.me()
        now_ms = self.now_ms()
        code = payloads.PayerCode(
            currency=currency.numeric,
            issued_at_s=now_ms // 1000,
            ttl_s=payloads.PayerCode.max_ttl_s,
            jti=secrets.token_bytes(8),
            counter=now_ms,
            cap_minor=cap_minor,
        )
        return frames.code_text(self.wallet.base_url, seal.seal(code, self.key, self.realm))

    def number_of(self, code: str) -> str:
        """The 18 digits under a payer code, for a cashier to type; only online."""
        return str(self.wallet.ask("POST", "/api/payer_code/number", {"code": code})["number"])

    def asked(self) -> list[dict[str, Any]]:
        """The charges that wait for this phone, oldest first: `intent`, `shop`, `amount_minor`, `currency`, `jti`, …"""
        return list(self.wallet.ask("GET", "/api/confirmations")["data"])

    def order_to_confirm(self, asked: dict[str, Any]) -> str:
        """The signed order that pays what a shop asks for, as code text. Nothing moves until it is sent."""
        return self.order(
            "hold" if asked["capture_method"] == "manual" else "pay",
            asked["shop"]["handle"],
            asked["amount_minor"],
            asked["currency"],
            subject=bytes.fromhex(asked["jti"]),
        )

    def decline(self, intent: str) -> dict[str, Any]:
        """Say no to a charge; the till hears of it."""
        return self.wallet.ask("POST", f"/api/confirmations/{intent}/decline", {})

    def order_for(self, text: str, *, amount_minor: int | None = None) -> str:
        """The signed order that answers a scanned code, as code text. Nothing moves until it is sent."""
        found = self.scan(text)
        if found["kind"] not in _KINDS:
            raise NothingToPay()
        if found["amount_minor"] is not None and amount_minor not in (None, found["amount_minor"]):
            raise AmountFixed()
        amount = found["amount_minor"] or amount_minor
        if amount is None:
            raise AmountRequired()
        return self.order(
            "hold" if found["capture_method"] == "manual" else _KINDS[found["kind"]],
            found["payee"]["handle"],
            amount,
            found["currency"] or self.balance()["currency"],
            subject=bytes.fromhex(found["subject"]) if found.get("subject") else None,
        )

    def order(self, kind: str, payee: str, amount_minor: int, currency: str, *, subject: bytes | None = None) -> str:
        """A signed order, as code text."""
        order = payloads.Order(
            amount_minor=money.check_minor(amount_minor),
            currency=money.currency(currency).numeric,
            issued_at_s=self._now_s(),
            ttl_s=payloads.Order.max_ttl_s,
            jti=secrets.token_bytes(8),
            payee=payee,
            kind=payloads.OrderKind[kind.upper()],
            subject=subject,
        )
        return frames.code_text(self.wallet.base_url, seal.seal(order, self.key, self.realm))

    def pay(self, text: str, *, amount_minor: int | None = None, pin: str | None = None) -> dict[str, Any]:
        """Pay or authorize what a scanned code asks for: `status` (`captured`, `authorized`), `transfer`, `seq`, …"""
        return self._insist(lambda: self.order_for(text, amount_minor=amount_minor), presented=text, pin=pin)

    def send(self, handle: str, amount_minor: int, *, pin: str | None = None) -> dict[str, Any]:
        """Send money to a person by handle."""
        currency = self.balance()["currency"]
        return self._insist(lambda: self.order("send", handle, amount_minor, currency), pin=pin)

    def send_order(
        self,
        order: str,
        *,
        presented: str | None = None,
        pin: str | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> dict[str, Any]:
        """Have an order carried out. Unanswered, the *same* order is sent again: it is carried out once at most.

        `NoAnswer` when the outcome could not be learnt in about eight seconds; the order may be sent again later.
        """
        confirmation = self.wallet.ask("POST", "/api/confirmations", {"pin": pin})["confirmation"] if pin else None
        body = {"order": order, "presented": presented, "confirmation": confirmation}
        for seconds in _PATIENCE_S:
            try:
                return self.wallet.ask("POST", "/api/orders", body)
            except NoAnswer:
                pause(seconds)
        return self.wallet.ask("POST", "/api/orders", body)

    def me(self) -> dict[str, Any]:
        """Who this phone's owner is and what their limits are; the offset of the installation's clock is kept."""
        told = self.wallet.ask("GET", "/api/me")
        self.offset_ms = int(told["now_ms"]) - clock.system_now()
        return told

    def now_ms(self) -> int:
        """The installation's time: this machine's clock with the offset that the wallet told, asked for once."""
        if self.offset_ms is None:
            self.me()
        return clock.system_now() + (self.offset_ms or 0)

    def _insist(
        self, seal_order: Callable[[], str], *, presented: str | None = None, pin: str | None
    ) -> dict[str, Any]:
        """Send an order; a second one where the first came too late only because the clock was moved meanwhile.

        The first has moved nothing and never will: time only goes forward.
        """
        before = self.now_ms() - clock.system_now()
        try:
            return self.send_order(seal_order(), presented=presented, pin=pin)
        except Refused as refused:
            if refused.code != "code_expired":
                raise
            self.me()
            if abs((self.offset_ms or 0) - before) < _MOVED_MS:
                raise
        return self.send_order(seal_order(), presented=presented, pin=pin)

    def _now_s(self) -> int:
        return self.now_ms() // 1000


__all__ = ["AmountFixed", "AmountRequired", "NoAnswer", "NothingToPay", "Phone", "Refused"]
