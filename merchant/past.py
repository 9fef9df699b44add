"""A past for the demo shop, so that its charts, batches and shifts have something to show: `run.py seed --history`.

Nothing is made up in the tables. Every sale is charged, scanned, paid and settled by the same verbs and signed orders
as a sale of today, each at its own minute, in order; so audit and the three-way match hold over it. The payers' keys
live as long as this does. It is written into an empty ledger in one transaction: whole, or not there.
"""

from __future__ import annotations

import heapq
import random
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from merchant import past_days
from merchant.checkout import actions as checkout
from merchant.past_days import Visit
from merchant.register import actions as register
from merchant.register import ringing
from merchant.register.actions import Stand
from merchant.shifts import actions as shifts
from merchant.shifts import queries as shift_queries
from merchant.staff.members import KnownMember
from merchant.standing import At
from merchant.terminals.queries import Terminal
from shared import ids
from shared.codes import payloads, seal
from shared.codes.payloads import OrderKind
from shared.db.unit import UnitOfWork
from shared.identity import keys, parties
from shared.identity.parties import Known
from shared.identity.signing import PrivateKey
from shared.ledger import accounts, chart
from shared.money import Currency
from shared.payments import actions as payments
from shared.payments import installation, intents, orders, shop_orders
from shared.payments.intents import PaymentIntent
from shared.settlement import actions as settlement
from shared.settlement import payouts

MOST_DAYS = 90
_SECOND, _MINUTE, _HOUR = 1_000, 60_000, 3_600_000
_CUTOFF_H = 22
_OPENS_H, _CLOSES_H, _FLOAT = 7.5, 21, 200


@dataclass(frozen=True)
class Payer:
    """A regular, with the key that signs for them."""

    party: Known
    key: PrivateKey


@dataclass
class Past:
    """The shop as its past is written, with what is still to happen, by time."""

    uow: UnitOfWork
    shop: Known
    terminal: Terminal
    members: Sequence[KnownMember]
    unit: Currency
    secret: bytes
    numbers: random.Random
    payers: dict[str, Payer] = field(default_factory=dict)
    _due: list[tuple[int, int, Callable[[], None]]] = field(default_factory=list)
    _order: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.signer = keys.server_signer(self.uow, party_id=self.shop.id, secret=self.secret, kid=self.terminal.kid)
        self.goods = past_days.goods_of(self.uow, shop_id=self.shop.id)

    def later(self, at: int, deed: Callable[[], None]) -> None:
        """Let something happen at its time (ms)."""
        heapq.heappush(self._due, (at, next(self._order), deed))

    def live(self, until: int) -> None:
        """Let everything happen that is due up to a moment, in order; what comes after it never does."""
        while self._due and self._due[0][0] <= until:
            at, _, deed = heapq.heappop(self._due)
            with self.uow.at(at):
                deed()

    def visit(self, visit: Visit) -> None:
        """Somebody buys: the code is shown, and as a rule scanned and paid."""
        uow = self.uow
        bill = ringing.rung_up(uow, shop_id=self.shop.id, cart=visit.cart)
        intent = intents.draft(
            shop=self.shop,
            signer=self.signer,
            realm=uow.realm,
            now=uow.now,
            amount_minor=bill.priced.total_minor,
            unit=self.unit,
            memo=bill.memo,
            reference=visit.cart.reference,
        )
        stand = Stand(self.shop.id, self.numbers.choice(self.members).id, self.terminal.id)
        register.charge(uow, bill=bill, parts=(intent.amount_minor,), at=stand, intent=intent)
        now, who = uow.now, visit.who
        if visit.scan_s is not None:
            self.later(now + visit.scan_s * _SECOND, lambda: self._scan(intent, who))
        if visit.scan_s is None or visit.pay_s is None:
            self.later(now + 75 * _SECOND, lambda: self._give_up(intent))
            return
        paid_at = now + (visit.scan_s + visit.pay_s) * _SECOND
        self.later(paid_at, lambda: self._pay(intent, who))
        if visit.refund_share:
            back = max(1, round(intent.amount_minor * visit.refund_share))
            self.later(paid_at + 25 * _MINUTE, lambda: self._refund(intent.id, back, visit.reason))

    def _scan(self, intent: PaymentIntent, who: str) -> None:
        intents.note_scan(self.uow, intent_id=intent.id, party_id=self._payer(who).party.id)

    def _give_up(self, intent: PaymentIntent) -> None:
        register.cancel(self.uow, intent_id=intent.id, shop_id=self.shop.id)

    def _pay(self, intent: PaymentIntent, who: str) -> None:
        payer, uow = self._payer(who), self.uow
        order = payloads.Order(
            amount_minor=intent.amount_minor,
            currency=self.unit.numeric,
            issued_at_s=uow.now // 1000,
            ttl_s=payloads.Order.max_ttl_s,
            jti=secrets.token_bytes(8),
            payee=self.shop.handle,
            kind=OrderKind.PAY,
            subject=bytes.fromhex(intent.jti),
        )
        self._fill(payer, intent.amount_minor)
        payments.execute(uow, order=orders.prepare(uow, frame=seal.seal(order, payer.key, uow.realm)))
        register.settle_due(uow)

    def _refund(self, intent_id: str, amount_minor: int, reason: str) -> None:
        order = shop_orders.prepare_refund(
            self.uow,
            secret=self.secret,
            shop_id=self.shop.id,
            intent_id=intent_id,
            amount_minor=amount_minor,
            reason=reason,
        )
        given = checkout.give_back(self.uow, order=order)
        who = self.numbers.choice(self.members).id
        shifts.took_back(
            self.uow, refund_id=given.id, shop_id=self.terminal.shop_id, terminal_id=self.terminal.id, member_id=who
        )

    def begin(self) -> None:
        """Open the day's shift, unless one is open."""
        if shift_queries.open_at(self.uow, terminal_id=self.terminal.id) is None:
            shifts.open_shift(self.uow, at=self._at(), float_minor=_FLOAT * 10**self.unit.exponent)

    def cash_up(self) -> None:
        """Close the day's shift; as a rule the drawer holds what it should."""
        shift = shift_queries.open_at(self.uow, terminal_id=self.terminal.id)
        if shift is not None:
            counted = shift.float_minor - self.numbers.choice((0, 0, 0, 0, 50, -100))
            shifts.close(self.uow, at=self._at(), shift_id=shift.id, counted_minor=counted)

    def _at(self) -> At:
        """Who opens and closes: one of those who work here."""
        return At(self.shop, self.numbers.choice(self.members), self.terminal, None)

    def settle(self) -> None:
        """Close the day's batch; the bank confirms its payout in the morning."""
        uow = self.uow
        batch = settlement.close_batch(
            uow, shop_id=self.shop.id, cutoff_at=uow.now, batch_id=ids.new_id("bat", uow.now), secret=self.secret
        )
        if batch is not None and batch.payout_transfer_id:
            self.later(uow.now + 11 * _HOUR, lambda: self._arrive(batch.id))

    def _arrive(self, batch_id: str) -> None:
        payouts.mark_paid(self.uow, batch_id=batch_id, secret=self.secret)

    def _payer(self, who: str) -> Payer:
        """The payer of a name, who joins when they first come."""
        if who not in self.payers:
            uow, key = self.uow, PrivateKey.generate()
            party = parties.create_party(uow, kind="user", handle=who.lower(), display_name=who)
            keys.enroll(uow, party_id=party.id, public_key=key.public_key, may_seal=keys.DEVICE_MAY_SEAL)
            accounts.open_account(uow, code=chart.user_account(party.id), currency=self.unit.code, owner_id=party.id)
            self.payers[who] = Payer(party, key)
        return self.payers[who]

    def _fill(self, payer: Payer, amount_minor: int) -> None:
        """Top up whoever has too little."""
        held = accounts.balance(self.uow, code=chart.user_account(payer.party.id)).balance_minor
        if held < amount_minor:
            top_up = installation.prepare_top_up(
                self.uow,
                secret=self.secret,
                payee=payer.party.handle,
                amount_minor=max(20 * amount_minor, 200 * 10**self.unit.exponent),
                unit=self.unit,
            )
            payments.execute(self.uow, order=top_up)


def began_at(now: int, days: int) -> int:
    """When a past of so many days begins: on the first day, before the shop opens (ms)."""
    return _ms(_midnight(now) - timedelta(days=days), _OPENS_H)


def write(past: Past, *, days: int) -> None:
    """Let the shop live from `days` days ago up to now; its shift is open at the end."""
    now = past.uow.now - 2 * _MINUTE
    for ago in range(days, -1, -1):
        day = _midnight(past.uow.now) - timedelta(days=ago)
        past.later(_ms(day, _OPENS_H), past.begin)
        for second, visit in past_days.visits(past.goods, day.weekday(), days - ago, past.numbers):
            past.later(_ms(day, second / 3600), partial(past.visit, visit))
        past.later(_ms(day, _CLOSES_H), past.cash_up)
        past.later(_ms(day, _CUTOFF_H), past.settle)
        past.live(min(_ms(day, _CUTOFF_H), now))
    past.begin()


def _ms(day: datetime, hours: float) -> int:
    """So many hours into a day, in milliseconds."""
    return round((day + timedelta(hours=hours)).timestamp() * 1000)


def _midnight(at_ms: int) -> datetime:
    """The beginning of the day in the zone of this machine, which is the one of most who look at its demo."""
    return datetime.fromtimestamp(at_ms / 1000).replace(hour=0, minute=0, second=0, microsecond=0)
