"""Payer codes: a shop takes what a phone shows, once, up to what its owner lets go; whatever else, nothing moves."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import pytest

from shared.codes import frame as frames
from shared.codes.payloads import OrderKind
from shared.db.unit import Reader, UnitOfWork
from shared.errors import DomainError
from shared.identity import keys, parties
from shared.ledger import accounts, chart
from shared.payments import actions, audit, intents, payer_codes, presented
from shared.payments.intents import PaymentIntent
from shared.payments.kinds import DAY_MS
from shared.payments.states import IntentState
from tests.world import Member, World

NO_PIN = 20_000


@dataclass
class Counter:
    """A shop's counter: Ana with 1,000.00, of which 200.00 go without being asked, Li with as much, a tea shop."""

    world: World
    ana: Member
    li: Member
    tea: Member

    def asks(self, amount_minor: int, **more: object) -> PaymentIntent:
        return self.world.intent(self.tea, amount_minor, **more)

    def takes(self, intent: PaymentIntent, code: bytes) -> PaymentIntent:
        return self.world.present(self.tea, intent, code)

    def refuses(self, intent: PaymentIntent, code: bytes, shop: Member | None = None) -> DomainError:
        before = self.balances()
        with pytest.raises(DomainError) as error:
            self.world.present(shop or self.tea, intent, code)
        assert (self.stands(intent).state, self.balances()) == (intent.as_of(self.world.now()).state, before)
        return error.value

    def stands(self, intent: PaymentIntent) -> PaymentIntent:
        return self.world.store.read(_stands, id=intent.id)

    def balances(self) -> tuple[int, ...]:
        return tuple(self.world.balance(member) for member in (self.ana, self.li, self.tea))

    def held(self, member: Member) -> int:
        return self.world.store.read(accounts.balance, code=chart.user_account(member.id)).debits_pending


def _stands(reader: Reader, *, id: str) -> PaymentIntent:
    return intents.by_id(reader, id=id).as_of(reader.now)


def counter_of(world: World) -> Counter:
    counter = Counter(world, world.person("ana"), world.person("li"), world.shop("tea"))
    world.limit(counter.ana, NO_PIN)
    world.limit(counter.li, NO_PIN)
    return counter


@pytest.fixture
def counter(sqlite_world: World) -> Counter:
    return counter_of(sqlite_world)


@pytest.fixture(autouse=True)
def green(request: pytest.FixtureRequest):  # type: ignore[no-untyped-def]
    """Whatever a test did, the audit agrees with it."""
    name = "sqlite_world" if "sqlite_world" in request.fixturenames else "world"
    world = request.getfixturevalue(name)
    yield
    assert world.store.read(audit.run).faults == []


def test_a_code_is_charged_at_once_by_an_order_of_the_shop_that_comes_with_it(world: World) -> None:
    counter = counter_of(world)
    code, intent = world.payer_code(counter.ana), counter.asks(1_250)
    captured = counter.takes(intent, code)

    assert (captured.state, captured.payer_id, captured.captured_minor) == (
        IntentState.CAPTURED, counter.ana.id, 1_250,
    )  # fmt: skip
    assert counter.balances() == (98_750, 100_000, 1_250)
    [(kind, stored, transfer)] = world.store.read(
        lambda reader: reader.sql.rows("SELECT kind, presented, transfer_id FROM payments_order WHERE kind = 12")
    )
    assert (kind, bytes(stored), transfer) == (OrderKind.CHARGE, code, captured.transfer_id)


def test_the_same_code_for_the_same_sale_again_is_answered_with_what_it_came_to(counter: Counter) -> None:
    code, intent = counter.world.payer_code(counter.ana), counter.asks(1_250)
    first = counter.takes(intent, code)
    counter.world.pass_time(3600)

    assert counter.takes(intent, code) == first
    assert counter.balances() == (98_750, 100_000, 1_250)


def test_a_copied_screen_is_worth_nothing_once_the_code_was_taken(counter: Counter) -> None:
    code, rival = counter.world.payer_code(counter.ana), counter.world.shop("rival")
    counter.takes(counter.asks(1_250), code)

    assert counter.refuses(counter.asks(700), code).code == "code_spent"
    assert counter.refuses(counter.world.intent(rival, 700), code, rival).code == "code_spent"


def test_a_refused_charge_leaves_the_code_good(counter: Counter) -> None:
    code = counter.world.payer_code(counter.ana, cap_minor=1_000)
    assert counter.refuses(counter.asks(1_001), code).code == "amount_above_cap"
    assert counter.takes(counter.asks(1_000), code).state is IntentState.CAPTURED


def test_an_older_code_of_the_same_phone_is_refused_after_a_newer_one(counter: Counter) -> None:
    older, newer = counter.world.payer_code(counter.ana), counter.world.payer_code(counter.ana)
    counter.takes(counter.asks(100), newer)
    assert counter.refuses(counter.asks(100), older).code == "counter_went_back"


def test_a_code_with_the_counter_of_the_last_one_is_refused(counter: Counter) -> None:
    counter.takes(counter.asks(100), counter.world.payer_code(counter.ana, counter=7))
    assert counter.refuses(counter.asks(100), counter.world.payer_code(counter.ana, counter=7)).code == (
        "counter_went_back"
    )
    assert counter.takes(counter.asks(100), counter.world.payer_code(counter.ana, counter=8)).captured_minor == 100


@pytest.mark.parametrize("shift_s", [-7200, -181, 301, 7200])
def test_a_phone_whose_clock_is_off_is_told_so(counter: Counter, shift_s: int) -> None:
    """Off by what nobody forgives: more than the code's own time and a minute behind, or five minutes ahead."""
    code = counter.world.payer_code(counter.ana, issued_at_s=counter.world.now() // 1000 + shift_s)
    refusal = counter.refuses(counter.asks(100), code)
    assert refusal.code == ("code_not_yet_valid" if shift_s > 0 else "code_expired")


def test_a_code_expires_by_the_servers_clock(counter: Counter) -> None:
    code, intent = counter.world.payer_code(counter.ana), counter.asks(100)
    counter.world.pass_time(182)
    assert counter.refuses(intent, code).code == "code_expired"


def test_a_revoked_phones_code_is_refused_also_one_that_was_shown_before(counter: Counter) -> None:
    code, intent = counter.world.payer_code(counter.ana), counter.asks(100)
    counter.world.store.run(keys.revoke, party_id=counter.ana.id, kid=counter.ana.key.public_key.kid_hex)
    assert counter.refuses(intent, code).code == "revoked_key"


def test_a_code_is_refused_that_only_looks_like_one(counter: Counter) -> None:
    world, intent = counter.world, counter.asks(100)
    forged = bytearray(world.payer_code(counter.ana))
    forged[-1] ^= 1
    by_shop = world.payer_code(counter.tea)
    stranger = world.person("eve", balance_minor=0)
    world.store.run(_forget, member=stranger)

    assert counter.refuses(intent, bytes(forged)).code == "bad_seal"
    assert counter.refuses(intent, by_shop).code == "key_may_not_seal"
    assert counter.refuses(intent, world.payer_code(stranger)).code == "unknown_key"
    assert counter.refuses(intent, intent.code).code == "not_a_payer_code"
    order = world.frame(counter.ana, OrderKind.SEND, "li", 100)
    assert counter.refuses(intent, order).code == "not_a_payer_code"


def _forget(uow: UnitOfWork, *, member: Member) -> None:
    uow.sql.run("DELETE FROM identity_key WHERE party_id = :id", id=member.id)


def test_a_code_in_another_currency_is_refused(counter: Counter) -> None:
    assert counter.refuses(counter.asks(100), counter.world.payer_code(counter.ana, currency=978)).code == (
        "code_mismatch"
    )


def test_a_frozen_person_and_a_frozen_shop_charge_nothing(counter: Counter) -> None:
    world = counter.world
    for member in (counter.ana, counter.tea):
        world.store.run(parties.freeze, party_id=member.id, is_frozen=True)
        assert counter.refuses(counter.asks(100), world.payer_code(counter.ana)).code == "party_frozen"
        world.store.run(parties.freeze, party_id=member.id, is_frozen=False)
    world.store.run(parties.freeze_self, party_id=counter.ana.id, is_frozen=True)
    assert counter.refuses(counter.asks(100), world.payer_code(counter.ana)).code == "self_frozen"


def test_a_poor_payer_is_named_as_such_and_the_code_stays_good(counter: Counter) -> None:
    bo = counter.world.person("bo", balance_minor=500)
    counter.world.limit(bo, NO_PIN)
    code = counter.world.payer_code(bo)
    assert counter.refuses(counter.asks(501), code).code == "payer_insufficient_funds"
    assert counter.takes(counter.asks(500), code).state is IntentState.CAPTURED


def test_another_shops_sale_and_a_closed_one_are_not_charged(counter: Counter) -> None:
    world, rival = counter.world, counter.world.shop("rival")
    sold, canceled, late = world.sold(counter.tea, counter.li, 100), counter.asks(100), counter.asks(100)
    world.store.run(intents.cancel, intent_id=canceled.id, shop_id=counter.tea.id)

    assert counter.refuses(counter.asks(100), world.payer_code(counter.ana), rival).code == "unknown_intent"
    assert counter.refuses(sold, world.payer_code(counter.ana)).code == "already_paid"
    assert counter.refuses(counter.stands(canceled), world.payer_code(counter.ana)).code == "intent_canceled"
    world.pass_time(361)
    assert counter.refuses(late, world.payer_code(counter.ana)).code == "intent_closed"


def test_a_code_at_a_sale_that_is_captured_later_holds_the_money(world: World) -> None:
    counter = counter_of(world)
    intent = counter.asks(1_250, capture_method=intents.MANUAL)
    held = counter.takes(intent, world.payer_code(counter.ana))

    assert (held.state, held.payer_id) == (IntentState.AUTHORIZED, counter.ana.id)
    assert (counter.held(counter.ana), counter.balances()) == (1_250, (98_750, 100_000, 0))
    assert counter.refuses(held, world.payer_code(counter.li)).code == "already_paid"
    world.execute(world.capture(counter.tea, held, counter.ana, 1_000))
    assert (counter.held(counter.ana), counter.balances()) == (0, (99_000, 100_000, 1_000))


def test_more_than_the_limit_is_asked_of_the_phone_and_paid_by_its_own_order(world: World) -> None:
    counter = counter_of(world)
    intent = counter.asks(NO_PIN + 1)
    waiting = counter.takes(intent, world.payer_code(counter.ana))

    assert (waiting.state, waiting.payer_id) == (IntentState.REQUIRES_CONFIRMATION, counter.ana.id)
    assert counter.balances() == (100_000, 100_000, 0)
    asked = world.store.read(intents.awaiting, party_id=counter.ana.id)
    assert (asked, world.store.read(intents.awaiting, party_id=counter.li.id)) == ([waiting], [])
    done = world.execute(world.payment(counter.ana, intent, counter.tea)).intent
    assert done is not None
    assert (done.state, done.payer_id) == (IntentState.CAPTURED, counter.ana.id)
    assert world.store.read(intents.awaiting, party_id=counter.ana.id) == []


def test_what_waits_for_one_phone_is_paid_by_no_other_and_charged_to_no_other_code(counter: Counter) -> None:
    world, intent = counter.world, counter.asks(30_000)
    waiting = counter.takes(intent, world.payer_code(counter.ana))

    with pytest.raises(DomainError) as error:
        world.execute(world.payment(counter.li, intent, counter.tea))
    assert error.value.code == "awaits_confirmation"
    assert counter.refuses(waiting, world.payer_code(counter.li)).code == "awaits_confirmation"


def test_a_confirmation_for_later_capture_is_a_hold(counter: Counter) -> None:
    world = counter.world
    intent = counter.asks(30_000, capture_method=intents.MANUAL)
    counter.takes(intent, world.payer_code(counter.ana))
    held = world.execute(world.hold(counter.ana, intent, counter.tea)).intent
    assert held is not None
    assert (held.state, counter.held(counter.ana)) == (IntentState.AUTHORIZED, 30_000)


def test_the_phone_may_refuse_and_the_code_is_gone_all_the_same(counter: Counter) -> None:
    world, code = counter.world, counter.world.payer_code(counter.ana)
    intent = counter.asks(30_000)
    counter.takes(intent, code)

    for _ in range(2):
        declined = world.store.run(presented.decline, intent_id=intent.id, party_id=counter.ana.id)
        assert declined.state is IntentState.DECLINED
    assert counter.takes(intent, code).state is IntentState.DECLINED
    assert counter.refuses(counter.asks(100), code).code == "code_spent"
    with pytest.raises(DomainError) as error:
        world.execute(world.payment(counter.ana, intent, counter.tea))
    assert error.value.code == "intent_closed"


def test_nobody_declines_what_is_not_asked_of_them_or_is_over(counter: Counter) -> None:
    world = counter.world
    waiting, open_one = counter.takes(counter.asks(30_000), world.payer_code(counter.ana)), counter.asks(100)
    paid = counter.takes(counter.asks(100), world.payer_code(counter.ana))
    for intent, who, code in (
        (waiting, counter.li, "unknown_intent"),
        (open_one, counter.ana, "unknown_intent"),
        (paid, counter.ana, "already_paid"),
    ):
        with pytest.raises(DomainError) as error:
            world.store.run(presented.decline, intent_id=intent.id, party_id=who.id)
        assert error.value.code == code


def test_what_waits_is_canceled_by_the_shop_or_ends_by_the_clock(counter: Counter) -> None:
    world = counter.world
    canceled, late = counter.asks(30_000), counter.asks(40_000)
    for intent in (canceled, late):
        counter.takes(intent, world.payer_code(counter.ana))
    world.store.run(intents.cancel, intent_id=canceled.id, shop_id=counter.tea.id)
    assert world.store.read(intents.awaiting, party_id=counter.ana.id) == [counter.stands(late)]

    world.pass_time(361)
    assert counter.stands(late).state is IntentState.EXPIRED
    assert world.store.read(intents.awaiting, party_id=counter.ana.id) == []
    with pytest.raises(DomainError) as error:
        world.execute(world.payment(counter.ana, late, counter.tea))
    assert error.value.code == "code_expired"
    assert world.store.read(intents.has_due)
    assert world.store.run(intents.expire_due) == 1
    assert not world.store.read(intents.has_due)


def test_who_never_set_limits_is_always_asked(counter: Counter) -> None:
    bo = counter.world.person("bo")
    assert counter.takes(counter.asks(1), counter.world.payer_code(bo)).state is IntentState.REQUIRES_CONFIRMATION


def test_the_daily_limit_counts_everything_that_leaves_and_ends_at_midnight(counter: Counter) -> None:
    world, ana = counter.world, counter.ana
    world.pass_time((DAY_MS - world.now() % DAY_MS) // 1000 + 1)
    world.limit(ana, NO_PIN, 1_000)
    counter.takes(counter.asks(300), world.payer_code(ana))
    world.execute(world.transfer(ana, counter.li, 300))
    held = world.execute(world.hold(ana, counter.asks(200, capture_method=intents.MANUAL), counter.tea)).intent
    assert held is not None
    world.execute(world.capture(counter.tea, held, ana, 200))

    refusal = counter.refuses(counter.asks(201), world.payer_code(ana))
    assert (refusal.code, refusal.params) == ("daily_limit_reached", {}), "what is left is not the shop's to know"
    above = counter.refuses(counter.asks(NO_PIN + 1), world.payer_code(ana))
    assert above.code == "daily_limit_reached", "the phone is not asked for what it may not pay"
    pair = [world.transfer(ana, counter.li, 150), world.transfer(ana, counter.li, 150)]
    first, second = world.store.run(_together, orders=pair)
    assert isinstance(first, actions.Executed)
    assert (second.code, second.params["left_minor"]) == ("daily_limit_reached", 50)
    world.pass_time(DAY_MS // 1000)
    assert counter.takes(counter.asks(1_000), world.payer_code(ana)).state is IntentState.CAPTURED


def test_codes_in_one_batch_see_each_other(counter: Counter) -> None:
    """The same code twice, an older one behind a newer one, and a payment of the intent that a code is charged for."""
    world = counter.world
    code, (one, two, three, four) = world.payer_code(counter.ana), [counter.asks(100) for _ in range(4)]
    older, newer = world.payer_code(counter.ana), world.payer_code(counter.ana)
    orders = [
        world.charge(counter.tea, one, code), world.charge(counter.tea, two, code),
        world.charge(counter.tea, two, newer), world.charge(counter.tea, three, older),
        world.charge(counter.tea, four, world.payer_code(counter.li)), world.payment(counter.ana, four, counter.tea),
    ]  # fmt: skip
    answers = world.store.run(_together, orders=orders)

    codes = [answer.code if isinstance(answer, DomainError) else "" for answer in answers]
    assert codes == ["", "code_spent", "", "counter_went_back", "", "already_paid"]


def _together(uow: UnitOfWork, *, orders: list[object]) -> list:  # type: ignore[type-arg]
    return list(actions.execute_many(uow, [{"order": order} for order in orders]))


def test_a_shop_cannot_sign_for_another_code_another_person_or_more_than_the_cap(counter: Counter) -> None:
    """Orders that the shop's own key seals, past the verb that would make a right one."""
    world, intent = counter.world, counter.asks(100)
    code = world.payer_code(counter.ana, cap_minor=100)
    text, subject = frames.code_text("http://localhost:5001", code), payer_codes.subject_of(code)
    for payee, amount, named, why in (
        ("ana", 101, subject, "amount_above_cap"),
        ("li", 100, subject, "code_mismatch"),
        ("ana", 100, secrets.token_bytes(8), "code_mismatch"),
        ("ana", 100, None, "code_mismatch"),
    ):
        frame = world.frame(counter.tea, OrderKind.CHARGE, payee, amount, subject=named, memo=intent.id)
        with pytest.raises(DomainError) as error:
            world.prepared(frame, text)
        assert error.value.code == why
    alone = world.frame(counter.tea, OrderKind.CHARGE, "ana", 100, subject=subject, memo=intent.id)
    with pytest.raises(DomainError, match="request_mismatch"):
        world.prepared(alone)
    by_person = world.frame(counter.li, OrderKind.CHARGE, "ana", 100, subject=subject, memo=intent.id)
    with pytest.raises(DomainError, match="signer_may_not"):
        world.execute(world.prepared(by_person, text))
    held = world.frame(counter.tea, OrderKind.CHARGE_HOLD, "ana", 100, subject=subject, memo=intent.id)
    with pytest.raises(DomainError, match="wrong_order_kind"):
        world.execute(world.prepared(held, text))
    assert counter.balances() == (100_000, 100_000, 0)
