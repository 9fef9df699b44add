"""Authorize, capture, void, refund: each a signed order, each carried out once, all of it under the audit."""

from __future__ import annotations

import pytest

from shared.codes.payloads import OrderKind
from shared.db import outbox
from shared.db.unit import Reader, UnitOfWork
from shared.errors import DomainError
from shared.identity import keys
from shared.identity.signing import PrivateKey
from shared.ledger import accounts, chart
from shared.ledger.accounts import Balance
from shared.ledger.posting import InsufficientFunds
from shared.payments import actions, audit, intents, on_intents
from shared.payments.intents import PaymentIntent
from shared.payments.kinds import HOLD_MS
from shared.payments.states import IntentAlreadyPaid, IntentClosed, IntentState
from tests.world import Member, World


@pytest.fixture
def people(world: World) -> tuple[Member, Member, Member]:
    """Ana with 1,000.00, Li with as much, and a tea shop."""
    return world.person("ana"), world.person("li"), world.shop("tea")


@pytest.fixture(autouse=True)
def green(world: World):  # type: ignore[no-untyped-def]
    """Whatever a test did, the audit agrees with it."""
    yield
    assert world.store.read(audit.run).faults == []


def manual(world: World, shop: Member, amount_minor: int) -> PaymentIntent:
    return world.intent(shop, amount_minor, capture_method=intents.MANUAL)


def stands(world: World, intent: PaymentIntent) -> PaymentIntent:
    return world.store.read(_stands, id=intent.id)


def _stands(reader: Reader, *, id: str) -> PaymentIntent:
    return intents.by_id(reader, id=id).as_of(reader.now)


def account(world: World, member: Member) -> Balance:
    return world.store.read(accounts.balance, code=chart.account_of(member.party.kind, member.id))


def refused(world: World, order: object) -> str:
    with pytest.raises(DomainError) as error:
        world.execute(order)  # type: ignore[arg-type]
    return error.value.code


def authorized(world: World, payer: Member, shop: Member, amount_minor: int) -> PaymentIntent:
    done = world.execute(world.hold(payer, manual(world, shop, amount_minor), shop))
    assert done.intent is not None
    return done.intent


def test_authorizing_holds_the_money_without_moving_it(world: World, people: tuple[Member, Member, Member]) -> None:
    ana, _, tea = people
    intent = authorized(world, ana, tea, 60_000)

    assert (intent.state, intent.payer_id, intent.captured_minor) == (IntentState.AUTHORIZED, ana.id, 0)
    assert (account(world, ana).credits_posted, account(world, ana).debits_posted) == (100_000, 0)
    assert (account(world, ana).debits_pending, world.balance(ana)) == (60_000, 40_000)
    assert (account(world, tea).credits_pending, world.balance(tea)) == (60_000, 0)
    other = world.intent(tea, 40_001)
    assert refused(world, world.payment(ana, other, tea)) == InsufficientFunds.code


def test_capturing_all_of_it_pays_the_shop_and_closes_the_intent(
    world: World, people: tuple[Member, Member, Member]
) -> None:
    ana, _, tea = people
    intent = authorized(world, ana, tea, 60_000)
    order = world.capture(tea, intent, ana, 60_000)
    done = world.execute(order)

    assert done.intent is not None
    assert (done.intent.state, done.intent.captured_minor) == (IntentState.CAPTURED, 60_000)
    assert (done.transfer.phase, done.transfer.pending_id) == ("posted", intent.hold_id)
    assert (world.balance(ana), world.balance(tea), account(world, ana).debits_pending) == (40_000, 60_000, 0)
    again = world.execute(order)
    assert (again.transfer, again.is_replay, world.balance(tea)) == (done.transfer, True, 60_000)


def test_capturing_less_releases_the_rest(world: World, people: tuple[Member, Member, Member]) -> None:
    ana, _, tea = people
    intent = authorized(world, ana, tea, 60_000)
    world.execute(world.capture(tea, intent, ana, 25_000))

    assert (world.balance(ana), world.balance(tea), account(world, ana).debits_pending) == (75_000, 25_000, 0)
    assert stands(world, intent).captured_minor == 25_000
    assert refused(world, world.capture(tea, intent, ana, 35_000)) == IntentClosed.code


def test_voiding_releases_all_of_it(world: World, people: tuple[Member, Member, Member]) -> None:
    ana, _, tea = people
    intent = authorized(world, ana, tea, 60_000)
    order = world.void(tea, intent, ana)
    done = world.execute(order)

    assert done.intent is not None
    assert (done.intent.state, done.transfer.phase) == (IntentState.VOIDED, "voided")
    assert (world.balance(ana), world.balance(tea), account(world, tea).credits_pending) == (100_000, 0, 0)
    assert world.execute(order).is_replay
    assert refused(world, world.capture(tea, intent, ana, 60_000)) == IntentClosed.code


def test_a_hold_ends_by_the_clock_whether_or_not_anybody_swept(
    world: World, people: tuple[Member, Member, Member]
) -> None:
    ana, _, tea = people
    intent = authorized(world, ana, tea, 60_000)
    world.pass_time(HOLD_MS // 1000)

    assert stands(world, intent).state is IntentState.EXPIRED
    assert refused(world, world.capture(tea, intent, ana, 60_000)) == IntentClosed.code
    assert world.store.read(intents.has_due)
    assert world.store.run(intents.expire_due) == 1
    assert not world.store.read(intents.has_due)
    assert (world.balance(ana), account(world, ana).debits_pending) == (100_000, 0)
    assert stands(world, intent).state is IntentState.EXPIRED
    assert world.store.run(intents.expire_due) == 0


def test_a_manual_intent_cannot_be_paid_at_once_nor_another_one_held(
    world: World, people: tuple[Member, Member, Member]
) -> None:
    ana, _, tea = people
    assert refused(world, world.payment(ana, manual(world, tea, 100), tea)) == "wrong_order_kind"
    assert refused(world, world.hold(ana, world.intent(tea, 100), tea)) == "wrong_order_kind"


def test_what_is_authorized_cannot_be_authorized_or_paid_by_another(
    world: World, people: tuple[Member, Member, Member]
) -> None:
    ana, li, tea = people
    intent = manual(world, tea, 100)
    first, second = world.hold(ana, intent, tea), world.hold(li, intent, tea)
    answers = world.store.run(_together, orders=[first, second])

    assert isinstance(answers[0], actions.Executed)
    assert isinstance(answers[1], IntentAlreadyPaid)
    assert refused(world, world.payment(li, intent, tea)) == IntentAlreadyPaid.code


def _together(uow: UnitOfWork, *, orders: list[object]) -> list[object]:
    return list(actions.execute_many(uow, [{"order": order} for order in orders]))


def test_a_capture_and_a_void_in_one_batch_have_one_winner(world: World, people: tuple[Member, Member, Member]) -> None:
    ana, _, tea = people
    intent = authorized(world, ana, tea, 500)
    capture, void = world.capture(tea, intent, ana, 500), world.void(tea, intent, ana)
    answers = world.store.run(_together, orders=[capture, void, capture])

    assert isinstance(answers[0], actions.Executed)
    assert isinstance(answers[1], IntentClosed)
    assert isinstance(answers[2], actions.Executed)
    assert answers[2].is_replay


def test_only_the_shop_of_the_intent_may_capture_void_or_refund(
    world: World, people: tuple[Member, Member, Member]
) -> None:
    ana, li, tea = people
    rival = world.shop("rival")
    intent, sold = authorized(world, ana, tea, 500), world.sold(tea, li, 700)

    assert refused(world, world.capture(rival, intent, ana, 500)) == "unknown_intent"
    assert refused(world, world.void(rival, intent, ana)) == "unknown_intent"
    assert refused(world, world.refund(rival, sold, li, 1)) == "unknown_intent"
    assert refused(world, world.capture(tea, intent, li, 500)) == "amount_mismatch"
    assert refused(world, world.refund(tea, sold, ana, 1)) == "amount_mismatch"


@pytest.mark.parametrize("kind", ["capture", "refund"])
def test_a_person_may_not_give_a_shops_orders(world: World, people: tuple[Member, Member, Member], kind: str) -> None:
    ana, li, tea = people
    intent = authorized(world, ana, tea, 500) if kind == "capture" else world.sold(tea, ana, 500)
    assert refused(world, getattr(world, kind)(ana, intent, li, 500)) in ("unknown_intent", "signer_may_not")


def test_more_than_was_authorized_is_not_captured(world: World, people: tuple[Member, Member, Member]) -> None:
    ana, _, tea = people
    intent = authorized(world, ana, tea, 500)
    assert refused(world, world.capture(tea, intent, ana, 501)) == "capture_exceeds_authorized"
    assert stands(world, intent).state is IntentState.AUTHORIZED


def test_refunds_give_back_in_parts_and_never_more_than_was_captured(
    world: World, people: tuple[Member, Member, Member]
) -> None:
    ana, _, tea = people
    sale = world.sold(tea, ana, 1_000)
    part = world.refund(tea, sale, ana, 400)
    done = world.execute(part)

    assert done.intent is not None
    assert (done.payer.id, done.payee.id, done.intent.refunded_minor) == (tea.id, ana.id, 400)
    assert world.execute(part).is_replay
    with pytest.raises(on_intents.RefundTooMuch) as error:
        world.execute(world.refund(tea, sale, ana, 601))
    assert error.value.params == {"left_minor": 600}
    world.execute(world.refund(tea, sale, ana, 600))
    assert refused(world, world.refund(tea, sale, ana, 1)) == on_intents.RefundTooMuch.code
    assert (world.balance(ana), world.balance(tea), stands(world, sale).refunded_minor) == (100_000, 0, 1_000)


def test_a_shop_hears_of_its_refund_by_an_initial(world: World, people: tuple[Member, Member, Member]) -> None:
    ana, _, tea = people
    world.execute(world.refund(tea, world.sold(tea, ana, 1_000), ana, 400))
    news = [event.body for event in world.store.read(outbox.events_after, seq=0) if event.name == "transfer.posted"]
    assert (news[-1]["kind"], news[-1]["payee"], news[-1]["payee_id"]) == ("refund", "A***", "")


def test_two_refunds_in_one_batch_see_each_other(world: World, people: tuple[Member, Member, Member]) -> None:
    ana, li, tea = people
    world.sold(tea, li, 5_000)
    sale = world.sold(tea, ana, 1_000)
    answers = world.store.run(_together, orders=[world.refund(tea, sale, ana, 600), world.refund(tea, sale, ana, 600)])

    assert isinstance(answers[0], actions.Executed)
    assert isinstance(answers[1], on_intents.RefundTooMuch)


def test_a_refund_of_a_partly_captured_sale_is_bounded_by_what_was_captured(
    world: World, people: tuple[Member, Member, Member]
) -> None:
    ana, _, tea = people
    intent = authorized(world, ana, tea, 1_000)
    world.execute(world.capture(tea, intent, ana, 300))
    assert refused(world, world.refund(tea, intent, ana, 301)) == on_intents.RefundTooMuch.code
    world.execute(world.refund(tea, intent, ana, 300))
    assert world.balance(ana) == 100_000


def test_what_was_not_captured_is_not_refunded(world: World, people: tuple[Member, Member, Member]) -> None:
    ana, _, tea = people
    intent = authorized(world, ana, tea, 500)
    assert refused(world, world.refund(tea, intent, ana, 1)) == IntentClosed.code


def test_a_sale_at_the_counter_is_refunded_like_any_other(world: World, people: tuple[Member, Member, Member]) -> None:
    ana, _, tea = people
    frame = world.frame(ana, OrderKind.PAY, tea.handle, 800)
    sale = world.execute(world.prepared(frame)).intent
    assert sale is not None
    world.execute(world.refund(tea, sale, ana, 800))
    assert world.balance(ana) == 100_000


def test_a_shop_without_money_cannot_refund_and_nothing_is_kept_of_the_try(
    world: World, people: tuple[Member, Member, Member]
) -> None:
    ana, li, tea = people
    sale, other = world.sold(tea, ana, 1_000), world.sold(tea, li, 200)
    world.execute(world.refund(tea, sale, ana, 1_000))
    world.store.run(_spend_all, shop=tea)
    assert refused(world, world.refund(tea, other, li, 200)) == InsufficientFunds.code
    assert stands(world, other).refunded_minor == 0
    world.store.run(_give_back, shop=tea)


def _spend_all(uow: UnitOfWork, *, shop: Member) -> None:
    """Hold what the shop has, as if it were on its way elsewhere."""
    uow.sql.run("UPDATE ledger_account SET debits_pending = credits_posted - debits_posted WHERE code = :code",
                code=chart.shop_account(shop.id))  # fmt: skip


def _give_back(uow: UnitOfWork, *, shop: Member) -> None:
    uow.sql.run("UPDATE ledger_account SET debits_pending = 0 WHERE code = :code", code=chart.shop_account(shop.id))


def test_the_order_of_a_revoked_terminal_moves_nothing(world: World, people: tuple[Member, Member, Member]) -> None:
    ana, _, tea = people
    sale = world.sold(tea, ana, 1_000)
    order = world.refund(tea, sale, ana, 1_000)
    world.store.run(_another_key, member=tea)
    world.store.run(keys.revoke, party_id=tea.id, kid=tea.key.public_key.kid_hex)
    assert refused(world, order) == "revoked_key"


def _another_key(uow: UnitOfWork, *, member: Member) -> None:
    private = PrivateKey.generate()
    keys.enroll(uow, party_id=member.id, public_key=private.public_key, may_seal=keys.TERMINAL_MAY_SEAL)
