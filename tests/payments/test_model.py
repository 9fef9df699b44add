"""Random sequences of every verb of the scheme, on both engines, step by step the same as the tiny model's."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from shared.codes import frame as frames
from shared.codes import payloads, seal
from shared.codes.payloads import OrderKind
from shared.db.unit import Reader, UnitOfWork
from shared.errors import DomainError
from shared.identity import parties
from shared.ledger import accounts, chart
from shared.payments import actions, audit, intents, presented
from shared.payments.actions import Executed
from shared.payments.orders import Prepared
from tests.examples import IS_FULL, load_profile, share
from tests.payments.model import AGAIN, DONE, Code, Intent, Order, PaymentsModel, Request
from tests.world import Member, World

load_profile()
SHARES = range(40 if IS_FULL else 1)
"""Each share has a database of its own, so that no audit reads more than its share."""
SEQUENCES = {"sqlite": 50 if IS_FULL else 60, "postgresql": 50 if IS_FULL else 15}
assert len(SHARES) * sum(SEQUENCES.values()) == share("sequences a model")
STEPS = 25
DAY_S = 86_400
PEOPLE = ("ana", "ben", "cia")


@dataclass(frozen=True)
class Wish:
    """An order before it is known what there is: `made` of it by the machine, which knows."""

    kind: str
    who: int
    whom: int
    which: int
    """Which intent, request or earlier order."""
    amount: int
    oddity: int
    """From 0 to 11; below 6 there is none."""


AMOUNTS = st.sampled_from([1, 2, 5, 20, 50, 100, 150, 200, 400, 900])


def wishes(*kinds: str) -> st.SearchStrategy[Wish]:
    """Wishes for orders of these kinds."""
    return st.builds(
        Wish, st.sampled_from(kinds), st.integers(0, 5), st.integers(0, 5), st.integers(0, 99),
        AMOUNTS, st.integers(0, 11),
    )  # fmt: skip


ANY = wishes("next", "next", "next", "counter", "send", "request", "pay", "refund", "repetition")
LIMITS = {"ana": 100, "ben": 20}
"""What goes without being asked; cia never said."""
_NEXT = {"requires_payment": "pay", "requires_confirmation": "pay", "authorized": "capture", "captured": "refund"}


class Payments(RuleBasedStateMachine):
    """The scheme on one database beside its model; each sequence has people, shops and intents of its own there."""

    world: World
    model_class: type[PaymentsModel] = PaymentsModel
    _sequences = 0

    def __init__(self) -> None:
        super().__init__()
        type(self)._sequences += 1
        self.suffix = f"-{type(self)._sequences}"
        self.members: dict[str, Member] = {}
        purses = {"ana": 1000, "ben": 500, "cia": 0, "tea": 0, "bun": 0}
        for name in ("ana", "ben", "cia"):
            self.members[name] = self.world.person(name + self.suffix, balance_minor=purses[name])
        for name in ("tea", "bun"):
            self.members[name] = self.world.shop(name + self.suffix)
        self.model = self.model_class({name: member.party.kind for name, member in self.members.items()}, purses)
        self.intents: dict[str, intents.PaymentIntent] = {}
        self.requests: dict[str, tuple[str, bytes]] = {}
        """Code text and number."""
        self.signed: list[Order] = []
        self.drawer: list[Order] = []
        self.codes: list[tuple[bytes, Code]] = []
        for name, limit in LIMITS.items():
            self.world.limit(self.members[name], limit)
        self.model.limits = dict(LIMITS)
        self.start_s = self.world.now() // 1000
        self.shop_charges("tea", 100, True)
        self.shop_charges("bun", 50, False)

    @rule(shop=st.sampled_from(["tea", "bun"]), amount=AMOUNTS, is_manual=st.booleans())
    def shop_charges(self, shop: str, amount: int, is_manual: bool) -> None:
        name = f"intent {len(self.intents)}"
        method = intents.MANUAL if is_manual else intents.AUTOMATIC
        self.intents[name] = self.world.intent(self.members[shop], amount, capture_method=method)
        self.model.intents[name] = Intent(shop, amount, is_manual, self.model.now)

    @rule(wish=wishes("send"), is_open=st.booleans())
    def person_asks(self, wish: Wish, is_open: bool) -> None:
        payee, name = PEOPLE[wish.whom % 3], f"request {len(self.requests)}"
        amount, jti = 0 if is_open else wish.amount, len(self.requests).to_bytes(8, "big")
        asked = payloads.PeerRequest(
            handle=self.members[payee].handle,
            currency=156,
            issued_at_s=self.start_s + self.model.now,
            ttl_s=500,
            jti=jti,
            amount_minor=amount or None,
        )
        frame = seal.seal(asked, self.members[payee].key, self.world.realm)
        self.requests[name] = frames.code_text("http://localhost:5001", frame), jti
        self.model.requests[name] = Request(payee, amount, self.model.now, 500)

    @rule(wish=wishes("next"))
    def an_intent_moves_on(self, wish: Wish) -> None:
        self.execute([self.made(wish)])

    @rule(wish=wishes("next"))
    def another_intent_moves_on(self, wish: Wish) -> None:
        self.execute([self.made(wish)])

    @rule(wish=wishes("send", "request", "counter"))
    def sends_or_pays_at_the_counter(self, wish: Wish) -> None:
        self.execute([self.made(wish)])

    @rule(wish=wishes("pay", "capture", "void", "refund"))
    def somebody_orders_out_of_turn(self, wish: Wish) -> None:
        self.execute([self.made(wish)])

    @rule(wish=wishes("repetition"))
    def orders_again(self, wish: Wish) -> None:
        self.execute([self.made(wish)])

    @rule(several=st.lists(ANY, min_size=2, max_size=5))
    def orders_at_once(self, several: list[Wish]) -> None:
        self.execute([self.made(wish) for wish in several])

    @rule(wish=ANY)
    def signs_and_does_not_send(self, wish: Wish) -> None:
        self.drawer.append(self.made(wish))

    @precondition(lambda self: self.drawer)
    @rule()
    def sends_what_was_signed(self) -> None:
        drawn, self.drawer = self.drawer, []
        self.execute(drawn)

    @rule(which=st.integers(0, 99), who=st.sampled_from(PEOPLE), ages=st.sampled_from([(0,), (0, 1), (0, 2), (1,)]))
    def shops_take_codes(self, which: int, who: str, ages: tuple[int, ...]) -> None:
        """Each one that is shown now, or one that was: the last, or the one before it."""
        for turn, age in enumerate(ages):
            self._takes(which + turn, who, age)

    def _takes(self, which: int, who: str, age: int) -> None:
        if age == 0 or len(self.codes) < age:
            code = Code(who, len(self.codes) + 1, 150 if which % 5 == 0 else 1000, self.model.now)
            shown = {"issued_at_s": self.start_s + code.made, "counter": code.counter, "cap_minor": code.cap}
            self.codes.append((self.world.payer_code(self.members[who], **shown), code))
            age = 1
        frame, code = self.codes[-age]
        open_ones = [name for name in self.intents if self.model.state(name) == "requires_payment"]
        name = self._one_of(open_ones if which % 4 and open_ones else self.intents, which)
        shop = self.members[self.model.intents[name].shop]
        said = self.model.present(name, code)
        try:
            told = self.world.present(shop, self.intents[name], frame).state.value
        except DomainError as refusal:
            told = refusal.code
        assert told == said

    @rule(which=st.integers(0, 99))
    def phone_declines(self, which: int) -> None:
        asked = [name for name in self.intents if self.model.state(name) == "requires_confirmation"]
        name = self._one_of(asked or self.intents, which)
        who = (self.model.intents[name].payer if which % 4 else None) or PEOPLE[which % 3]
        asking = {"intent_id": self.intents[name].id, "party_id": self.members[who].id}
        assert _answer(lambda: self.world.store.run(presented.decline, **asking)) == self.model.decline(name, who)

    @rule(which=st.integers(0, 99))
    def shop_cancels(self, which: int) -> None:
        name = self._one_of(self.intents, which)
        asked = {"intent_id": self.intents[name].id, "shop_id": self.intents[name].shop_id}
        assert _answer(lambda: self.world.store.run(intents.cancel, **asked)) == self.model.cancel(name)

    @rule(name=st.sampled_from(["ana", "ben", "tea"]), is_frozen=st.sampled_from([False, True, False]))
    def somebody_is_frozen_or_not(self, name: str, is_frozen: bool) -> None:
        self.world.store.run(parties.freeze, party_id=self.members[name].id, is_frozen=is_frozen)
        self.model.frozen = self.model.frozen - {name} | ({name} if is_frozen else set())

    @rule(seconds=st.sampled_from([100, 100, 100, 200, 300, 3 * DAY_S, 7 * DAY_S]))
    def time_passes(self, seconds: int) -> None:
        self.world.pass_time(seconds)
        self.model.now += seconds

    @rule()
    def due_things_expire(self) -> None:
        assert self.world.store.run(intents.expire_due) == len(self.model.expire_due())
        assert not self.world.store.read(intents.has_due)

    @invariant()
    def all_stands_as_the_model_says(self) -> None:
        codes = {name: chart.account_of(member.party.kind, member.id) for name, member in self.members.items()}
        found = self.world.store.read(accounts.balances, codes=codes.values())
        for name, code in codes.items():
            there = found[code]
            said = self.model.purses[name], self.model.held.get(name, 0)
            assert (there.balance_minor, there.debits_pending) == said, name
        rows = self.world.store.read(intents.by_ids, ids=[intent.id for intent in self.intents.values()])
        now = self.world.now()
        assert self.model.intents.keys() == self.intents.keys()
        for name, modelled in self.model.intents.items():
            row = rows[self.intents[name].id].as_of(now)
            payer = self.members[modelled.payer].id if modelled.payer else None
            stands = (row.state.value, row.payer_id, row.captured_minor, row.refunded_minor)
            assert stands == (self.model.state(name), payer, modelled.captured, modelled.refunded), name

    def teardown(self) -> None:
        """Let everything come to its end, so that the next sequence finds nothing due."""
        self.time_passes(8 * DAY_S)
        self.due_things_expire()
        self.all_stands_as_the_model_says()

    def execute(self, orders: list[Order]) -> None:
        """Execute them in one batch here and there, and compare what became of each."""
        prepared: list[Prepared | DomainError] = [self._prepared(order) for order in orders]
        good = [order for order in prepared if isinstance(order, Prepared)]
        executed = iter(self.world.store.run(_execute_many, orders=good))
        answers = [next(executed) if isinstance(order, Prepared) else order for order in prepared]
        assert [_told(answer) for answer in answers] == self.model.execute_many(orders)
        for order, answer in zip(orders, answers, strict=True):
            if isinstance(answer, Executed):
                assert (answer.transfer.amount_minor, answer.transfer.kind) == (order.amount, order.kind)
                if f"sale {order.name}" in self.model.intents and answer.intent:
                    self.intents[f"sale {order.name}"] = answer.intent
                    self.model.intents[f"sale {order.name}"].payer = order.signer

    def made(self, wish: Wish) -> Order:
        """The order that is wished for, as things stand."""
        order = self._repeated(wish) if wish.kind == "repetition" and self.signed else self._fresh(wish)
        self.signed.append(order)
        return order

    def _fresh(self, wish: Wish) -> Order:
        payer = wish.who % 3
        if wish.oddity != 7:  # somebody who can afford it
            payer = next((n for n in (payer, 0, 1, 2) if self.model.purses[PEOPLE[n]] >= wish.amount), payer)
        whom = PEOPLE[(payer + 1 + wish.whom % 2) % 3]
        plain = Order(f"{len(self.signed)}", PEOPLE[payer], "send", whom, wish.amount, self.model.now)
        if wish.kind == "counter":
            order = dataclasses.replace(plain, kind="pay", payee="tea" if wish.which % 2 else "bun")
        elif wish.kind == "request" and self.requests:
            order = self._on_request(wish, plain)
        elif wish.kind in ("send", "request"):
            order = plain
        else:
            order = self._on_intent(wish, plain)
        if wish.oddity == 10:
            return dataclasses.replace(order, payee=self._one_of(self.members, wish.which))
        if wish.oddity == 11:
            return dataclasses.replace(order, signer=self._one_of(self.members, wish.which))
        return order

    def _on_intent(self, wish: Wish, plain: Order) -> Order:
        """What comes next for an intent that lives, or something out of turn for any."""
        alive = [
            name
            for name, intent in self.model.intents.items()
            if self.model.state(name) in _NEXT and (wish.oddity == 6 or not 0 < intent.captured == intent.refunded)
        ]
        name = self._one_of(alive if wish.kind == "next" and alive else self.intents, wish.which)
        kind = _NEXT.get(self.model.state(name), "refund") if wish.kind in ("next", "repetition") else wish.kind
        intent = self.model.intents[name]
        if kind == "pay":
            is_hold = intent.is_manual != (wish.oddity == 8)
            amount = wish.amount if wish.oddity == 9 else intent.amount
            if intent.state == "requires_confirmation" and wish.oddity < 7:
                plain = dataclasses.replace(plain, signer=str(intent.payer))
            return dataclasses.replace(
                plain, kind="hold" if is_hold else "pay", payee=intent.shop, amount=amount, intent=name
            )
        if kind == "capture" and wish.which % 4 == 0:
            kind = "void"
        whole = intent.captured - intent.refunded if kind == "refund" else intent.amount
        amount = {6: wish.amount, 8: whole + 1}.get(wish.oddity, whole if wish.who % 2 else whole // 2)
        if kind == "void" and wish.oddity != 6:
            amount = intent.amount
        return dataclasses.replace(
            plain, kind=kind, signer=intent.shop, payee=intent.payer or plain.payee,
            amount=max(1, amount), intent=name,
        )  # fmt: skip

    def _on_request(self, wish: Wish, plain: Order) -> Order:
        name = self._one_of(self.requests, wish.which)
        asked = self.model.requests[name]
        amount = wish.amount if wish.oddity == 9 else asked.amount or wish.amount
        return dataclasses.replace(plain, payee=asked.payee, amount=amount, request=name)

    def _repeated(self, wish: Wish) -> Order:
        """An order once more, or another one under its number."""
        order = self._one_of(self.signed, wish.which)
        changes: dict[int, dict[str, Any]] = {8: {"amount": order.amount + 1}, 9: {"issued": self.model.now}}
        return dataclasses.replace(order, **changes.get(wish.oddity, {}))

    def _prepared(self, order: Order) -> Prepared | DomainError:
        more: dict[str, Any] = {}
        if order.intent:
            intent = self.intents[order.intent]
            more["subject"] = bytes.fromhex(intent.jti)
            more["memo"] = intent.id if order.kind in ("capture", "void", "refund") else None
        text = None
        if order.request:
            text, more["subject"] = self.requests[order.request]
        payee = self.members[order.payee].handle
        frame = self.world.frame(
            self.members[order.signer], OrderKind[order.kind.upper()], payee, order.amount,
            issued_at_s=self.start_s + order.issued, jti=int(order.name).to_bytes(8, "big"), **more,
        )  # fmt: skip
        try:
            return self.world.prepared(frame, text)
        except DomainError as refusal:
            return refusal

    def _one_of(self, things: Any, which: int) -> Any:
        return list(things)[which % len(things)]


def _execute_many(uow: UnitOfWork, *, orders: list[Prepared]) -> list[Executed | DomainError]:
    return actions.execute_many(uow, [{"order": order} for order in orders])


def _told(answer: Executed | DomainError) -> str:
    if isinstance(answer, DomainError):
        return answer.code
    return AGAIN if answer.is_replay else DONE


def _answer(work: Any) -> str:
    try:
        work()
    except DomainError as refusal:
        return refusal.code
    return DONE


def _faults(reader: Reader) -> list[dict[str, str]]:
    return [dataclasses.asdict(fault) for fault in audit.run(reader).faults]


def tried(world: World, sequences: int, model: type[PaymentsModel] = PaymentsModel, **more: Any) -> None:
    """Try so many sequences on this world's database, and audit it."""
    machine = type("PaymentsHere", (Payments,), {"world": world, "model_class": model})
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=sequences, stateful_step_count=STEPS, suppress_health_check=quiet, deadline=None, **more
        ),
    )
    assert world.store.read(_faults) == []


@pytest.mark.parametrize("number", SHARES)
def test_the_scheme_does_what_the_model_does(world: World, database_url: str, number: int) -> None:
    tried(world, SEQUENCES[database_url.partition(":")[0]])


class KeepsTheRest(PaymentsModel):
    """Forgets to release what a capture leaves of its hold."""

    def _move(self, order: Order) -> None:
        payer = self.purses.get(order.payee)
        super()._move(order)
        if order.kind == "capture" and payer is not None:
            self.purses[order.payee] = payer


class RefundsForEver(PaymentsModel):
    """Forgets what was given back already."""

    def _why_not_by_shop(self, order: Order) -> str | None:
        why = super()._why_not_by_shop(order)
        return None if why == "refund_exceeds_captured" else why


class TakesTwice(PaymentsModel):
    """Carries a repeated order out once more."""

    def execute(self, order: Order) -> str:
        answer = super().execute(order)
        if answer == AGAIN and order.kind == "send":
            self._move(order)
        return answer


class TakesCodesAgain(PaymentsModel):
    """Forgets which payer codes were taken."""

    def is_taken(self, code: Code) -> bool:
        return False


@pytest.mark.parametrize("wrong", [KeepsTheRest, RefundsForEver, TakesTwice, TakesCodesAgain])
def test_a_model_with_a_mistake_is_found_out(sqlite_world: World, wrong: type[PaymentsModel]) -> None:
    with pytest.raises(AssertionError):
        tried(sqlite_world, 500, wrong, phases=[Phase.generate], report_multiple_bugs=False, print_blob=False)
