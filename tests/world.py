"""A small world for tests: a bank, people with keys of their own, shops with terminals; real parts throughout."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import update

from shared import money
from shared.codes import payloads, seal
from shared.codes.payloads import OrderKind
from shared.db import outbox
from shared.db.models import Head
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.identity import keys, parties
from shared.identity.signing import Algorithm, PrivateKey
from shared.ledger import accounts, chart
from shared.payments import actions, installation, intents, limits, orders, presented
from shared.payments.actions import Executed

SECRET = b"a secret for tests, 32 bytes long"
CNY = money.currency("CNY")


@dataclass(frozen=True)
class Member:
    """A person or a shop of the world, with the key that seals for them."""

    party: parties.Known
    key: PrivateKey

    @property
    def id(self) -> str:
        return self.party.id

    @property
    def handle(self) -> str:
        return self.party.handle


class World:
    """The bank and its members on one store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.realm = store.read(outbox.realm)
        self._counter = 0

    @classmethod
    def install(cls, store: Store) -> World:
        installation.ensure(store, currency=CNY, secret=SECRET)
        return cls(store)

    def person(self, handle: str, *, balance_minor: int = 100_000, algorithm: Algorithm = Algorithm.ED25519) -> Member:
        """Somebody with a device key, and play money by a signed top-up."""
        member = self._member("user", handle, PrivateKey.generate(algorithm), keys.DEVICE_MAY_SEAL)
        if balance_minor:
            self.top_up(handle, balance_minor)
        return member

    def shop(self, handle: str) -> Member:
        return self._member("shop", handle, PrivateKey.generate(), keys.TERMINAL_MAY_SEAL)

    def top_up(self, handle: str, amount_minor: int) -> Executed:
        prepared = self.store.read(
            installation.prepare_top_up, secret=SECRET, payee=handle, amount_minor=amount_minor, unit=CNY
        )
        return self.store.run(actions.execute, order=prepared)

    def intent(self, shop: Member, amount_minor: int, **more: object) -> intents.PaymentIntent:
        drafted = intents.draft(
            shop=shop.party, signer=shop.key, realm=self.realm, now=self.now(), amount_minor=amount_minor, unit=CNY,
            **more,  # type: ignore[arg-type]
        )  # fmt: skip
        return self.store.run(intents.create, intent=drafted)

    def frame(
        self, payer: Member, kind: OrderKind, payee: str, amount_minor: int, *, currency: int = 156, **more: object
    ) -> bytes:
        """An order that `payer` seals now."""
        fields: dict[str, object] = {"issued_at_s": self.now() // 1000, "ttl_s": 120, "jti": secrets.token_bytes(8)}
        order = payloads.Order(
            amount_minor=amount_minor, currency=currency, payee=payee, kind=kind, **(fields | more)  # type: ignore[arg-type]
        )  # fmt: skip
        return seal.seal(order, payer.key, self.realm)

    def prepared(self, frame: bytes, presented: str | None = None) -> orders.Prepared:
        return self.store.read(orders.prepare, frame=frame, presented=presented)

    def payment(self, payer: Member, intent: intents.PaymentIntent, shop: Member, **more: object) -> orders.Prepared:
        """The order with which `payer` pays an intent."""
        fields: dict[str, object] = {"subject": bytes.fromhex(intent.jti)} | more
        return self.prepared(self.frame(payer, OrderKind.PAY, shop.handle, intent.amount_minor, **fields))

    def transfer(self, payer: Member, payee: Member, amount_minor: int, **more: object) -> orders.Prepared:
        """The order with which `payer` sends money to a person."""
        return self.prepared(self.frame(payer, OrderKind.SEND, payee.handle, amount_minor, **more))

    def hold(self, payer: Member, intent: intents.PaymentIntent, shop: Member, **more: object) -> orders.Prepared:
        """The order with which `payer` authorizes an intent that the shop captures by hand."""
        fields: dict[str, object] = {"subject": bytes.fromhex(intent.jti)} | more
        return self.prepared(self.frame(payer, OrderKind.HOLD, shop.handle, intent.amount_minor, **fields))

    def by_shop(
        self, kind: OrderKind, shop: Member, intent: intents.PaymentIntent, payer: Member, amount_minor: int
    ) -> orders.Prepared:
        """The order with which a shop captures, voids or refunds (of) an intent."""
        fields = {"subject": bytes.fromhex(intent.jti), "memo": intent.id}
        return self.prepared(self.frame(shop, kind, payer.handle, amount_minor, **fields))

    def capture(self, shop: Member, intent: intents.PaymentIntent, payer: Member, amount_minor: int) -> orders.Prepared:
        return self.by_shop(OrderKind.CAPTURE, shop, intent, payer, amount_minor)

    def void(self, shop: Member, intent: intents.PaymentIntent, payer: Member) -> orders.Prepared:
        return self.by_shop(OrderKind.VOID, shop, intent, payer, intent.amount_minor)

    def refund(self, shop: Member, intent: intents.PaymentIntent, payer: Member, amount_minor: int) -> orders.Prepared:
        return self.by_shop(OrderKind.REFUND, shop, intent, payer, amount_minor)

    def payer_code(self, payer: Member, **change: object) -> bytes:
        """A payer code that `payer`'s phone seals now; its counter is the time, which only grows."""
        self._counter = max(self._counter + 1, self.now())
        fields: dict[str, object] = {
            "currency": 156, "issued_at_s": self.now() // 1000, "ttl_s": 120, "jti": secrets.token_bytes(8),
            "counter": self._counter, "cap_minor": 200_000,
        }  # fmt: skip
        return seal.seal(payloads.PayerCode(**(fields | change)), payer.key, self.realm)  # type: ignore[arg-type]

    def charge(self, shop: Member, intent: intents.PaymentIntent, code: bytes) -> orders.Prepared:
        """The order with which a shop charges an intent to a payer code."""
        return self.store.read(presented.prepare, shop=shop.party, signer=shop.key, intent_id=intent.id, code=code)

    def present(self, shop: Member, intent: intents.PaymentIntent, code: bytes) -> intents.PaymentIntent:
        """What becomes of an intent that a shop charges to a payer code."""
        return self.store.run(presented.charge_presented, order=self.charge(shop, intent, code))

    def limit(self, member: Member, no_pin_minor: int, daily_minor: int | None = None) -> None:
        """Set a person's limits; nobody has any before."""
        self.store.run(limits.set_limits, party_id=member.id, no_pin_minor=no_pin_minor, daily_minor=daily_minor)

    def sold(self, shop: Member, payer: Member, amount_minor: int) -> intents.PaymentIntent:
        """An intent that `payer` has paid: captured."""
        done = self.execute(self.payment(payer, self.intent(shop, amount_minor), shop))
        assert done.intent is not None
        return done.intent

    def execute(self, order: orders.Prepared) -> Executed:
        return self.store.run(actions.execute, order=order)

    def balance(self, member: Member) -> int:
        code = chart.account_of(member.party.kind, member.id)
        return self.store.read(accounts.balance, code=code).balance_minor

    def now(self) -> int:
        return self.store.read(_now)

    def pass_time(self, seconds: int) -> None:
        """Move the installation's clock forward."""
        self.store.run(_shift, milliseconds=seconds * 1000)

    def _member(self, kind: str, handle: str, key: PrivateKey, may_seal: frozenset[int]) -> Member:
        party = self.store.run(_enter, kind=kind, handle=handle, key=key, may_seal=may_seal)
        return Member(party, key)


def _now(reader: Reader) -> int:
    return reader.now


def _shift(uow: UnitOfWork, *, milliseconds: int) -> None:
    uow.execute(update(Head).values(clock_offset_ms=Head.clock_offset_ms + milliseconds))


def _enter(uow: UnitOfWork, *, kind: str, handle: str, key: PrivateKey, may_seal: frozenset[int]) -> parties.Known:
    party = parties.create_party(uow, kind=kind, handle=handle, display_name=handle.title(), is_verified=kind == "shop")
    keys.enroll(uow, party_id=party.id, public_key=key.public_key, may_seal=may_seal)
    accounts.open_account(uow, code=chart.account_of(kind, party.id), currency="CNY", owner_id=party.id)
    return party
