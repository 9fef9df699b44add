"""Payers and shops with keys, and signed payments ready to be sent: what whole payments are measured with."""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from shared import money
from shared.codes import payloads, seal
from shared.codes.payloads import OrderKind
from shared.db import outbox
from shared.db.many import insert_into
from shared.db.migrate import migrate
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.events import party_topic
from shared.identity import keys, parties
from shared.identity.signing import PrivateKey
from shared.ledger import accounts, chart, posting
from shared.ledger.transfers import NewTransfer
from shared.payments import actions, installation, intents, orders
from shared.payments.intents import PaymentIntent
from shared.payments.models import Intent
from tests.bench import books

SECRET = b"a secret for the benchmark, long enough"
CNY = money.currency("CNY")
_INSERT_INTENTS = insert_into(Intent.__table__, PaymentIntent._fields)


@dataclass(frozen=True)
class Member:
    """A payer or a shop, with the key that seals for them."""

    party: parties.Known
    key: PrivateKey


class ShopStreet:
    """An installation with people who have money, and shops."""

    def __init__(self, url: str, *, people: int, shops: int) -> None:
        migrate(url, realm=books.REALM)
        self.store = Store(url)
        installation.ensure(self.store, currency=CNY, secret=SECRET)
        self.realm = self.store.read(outbox.realm)
        self.payers: list[Member] = self.store.run(_enter, kind="user", count=people)
        self.shops: list[Member] = self.store.run(_enter, kind="shop", count=shops)

    def payments(self, count: int, numbers: random.Random) -> Sequence[bytes]:
        """So many open intents, and for each the order, sealed by a payer's key, that pays it."""
        now = self.store.read(_now)
        made: list[PaymentIntent] = []
        frames = []
        for _ in range(count):
            shop, payer = numbers.choice(self.shops), numbers.choice(self.payers)
            amount = numbers.randrange(1, 10_000)
            intent = intents.draft(
                shop=shop.party, signer=shop.key, realm=self.realm, now=now, amount_minor=amount, unit=CNY, ttl_s=900
            )
            order = payloads.Order(
                amount_minor=amount,
                currency=CNY.numeric,
                issued_at_s=now // 1000,
                ttl_s=payloads.Order.max_ttl_s,
                jti=secrets.token_bytes(8),
                payee=shop.party.handle,
                kind=OrderKind.PAY,
                subject=bytes.fromhex(intent.jti),
            )
            made.append(intent)
            frames.append(seal.seal(order, payer.key, self.realm))
        self.store.run(_store_intents, made=made)
        return frames

    def pay(self, frame: bytes) -> actions.Executed:
        """What a service does with an order: open it beside the writer, and have it carried out in the next batch."""
        prepared = self.store.read(orders.prepare, frame=frame)
        return self.store.run(actions.execute, order=prepared)

    def close(self) -> None:
        """Give the connections back."""
        self.store.close()


def _now(reader: Reader) -> int:
    return reader.now


def _enter(uow: UnitOfWork, *, kind: str, count: int) -> list[Member]:
    members = []
    may_seal = keys.DEVICE_MAY_SEAL if kind == "user" else keys.TERMINAL_MAY_SEAL
    for number in range(count):
        key = PrivateKey.generate()
        party = parties.create_party(
            uow, kind=kind, handle=f"{kind}-{number}", display_name=f"{kind} {number}", is_verified=kind == "shop"
        )
        keys.enroll(uow, party_id=party.id, public_key=key.public_key, may_seal=may_seal)
        accounts.open_account(uow, code=chart.account_of(kind, party.id), currency="CNY", owner_id=party.id)
        members.append(Member(party, key))
    if kind == "user":
        news = [
            NewTransfer(
                books.new_transfer("", "").id,
                chart.BANK,
                chart.user_account(member.party.id),
                books.FUNDS_MINOR,
                "CNY",
                "top_up",
            )
            for member in members
        ]
        for row in posting.post_many(uow, news):
            uow.emit("transfer.posted", [party_topic(row.credit_account)], transfer=row.id)
    return members


def _store_intents(uow: UnitOfWork, *, made: Sequence[PaymentIntent]) -> None:
    uow.sql.run_many(_INSERT_INTENTS, made)
