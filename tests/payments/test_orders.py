"""Orders: what is executed, once, and everything that is refused with nothing moved."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest

from shared.codes import frame as frames
from shared.codes import payloads, refusals, seal
from shared.codes.payloads import OrderKind
from shared.db import outbox
from shared.db.unit import UnitOfWork
from shared.errors import DomainError, IdempotencyConflict
from shared.identity import keys, parties
from shared.identity.signing import Algorithm, PrivateKey
from shared.ledger.posting import InsufficientFunds
from shared.payments import actions, audit, intents, orders
from shared.payments.actions import PaidToSelf, RequestAlreadyPaid
from shared.payments.on_intents import AmountMismatch
from shared.payments.states import IntentAlreadyPaid, IntentCanceled, IntentState
from tests.world import Member, World


@pytest.fixture
def ana(world: World) -> Member:
    return world.person("ana")


@pytest.fixture
def li(world: World) -> Member:
    return world.person("li", algorithm=Algorithm.P256)


@pytest.fixture
def shop(world: World) -> Member:
    return world.shop("tea")


def request_of(world: World, payee: Member, amount_minor: int | None, **more: object) -> tuple[str, bytes]:
    """A peer request as code text, and its jti."""
    fields: dict[str, object] = {"issued_at_s": world.now() // 1000, "ttl_s": 3600, "jti": secrets.token_bytes(8)}
    asked = payloads.PeerRequest(
        handle=payee.handle, currency=156, amount_minor=amount_minor, **(fields | more)  # type: ignore[arg-type]
    )  # fmt: skip
    return frames.code_text("http://localhost:5001", seal.seal(asked, payee.key, world.realm)), asked.jti


def test_a_payment_captures_its_intent_and_tells_both_sides(world: World, ana: Member, shop: Member) -> None:
    intent = world.intent(shop, 1250, reference="T-1")
    done = world.execute(world.payment(ana, intent, shop))
    assert done.intent is not None
    assert (done.intent.state, done.intent.payer_id) == (IntentState.CAPTURED, ana.id)
    assert (world.balance(ana), world.balance(shop)) == (98_750, 1250)
    stored = world.store.read(intents.by_id, id=intent.id)
    assert (stored.state, stored.transfer_id) == (IntentState.CAPTURED, done.transfer.id)
    events = world.store.read(outbox.events_after, seq=0)
    assert [event.name for event in events][-3:] == ["intent.created", "transfer.posted", "intent.captured"]
    assert events[-1].body["by"] == "A***"
    assert "ana" not in str(events[-1].body).lower().replace("a***", "")


def test_money_goes_from_person_to_person_with_either_algorithm(world: World, ana: Member, li: Member) -> None:
    assert world.execute(world.transfer(ana, li, 500)).transfer.kind == "send"
    assert world.execute(world.transfer(li, ana, 200)).transfer.seq == 4
    assert (world.balance(ana), world.balance(li)) == (99_700, 100_300)


def test_orders_that_are_opened_together_are_judged_one_by_one(world: World, ana: Member, li: Member) -> None:
    stranger = Member(ana.party, PrivateKey.generate())
    sends = [world.frame(payer, OrderKind.SEND, payee.handle, 5) for payer, payee in [(ana, li), (li, ana)] * 4]
    tampered = sends[0][:-1] + bytes([sends[0][-1] ^ 1])
    asked, jti = request_of(world, li, 7)
    answers = world.frame(ana, OrderKind.SEND, li.handle, 7, subject=jti)
    alien = seal.seal(
        payloads.ShopCode(handle="li", currency=156, issued_at_s=world.now() // 1000), li.key, world.realm
    )
    bad: list[tuple[dict[str, object], type[DomainError]]] = [
        ({"frame": tampered}, refusals.BadSeal),
        ({"frame": b"short"}, refusals.MalformedCode),
        ({"frame": world.frame(stranger, OrderKind.SEND, li.handle, 5)}, refusals.UnknownKey),
        ({"frame": alien}, refusals.KeyMayNotSeal),
        ({"frame": answers}, orders.RequestDoesNotMatch),
        ({"frame": answers, "presented": "nonsense"}, refusals.NotACode),
    ]
    calls = [{"frame": frame} for frame in sends] + [call for call, _ in bad] + [{"frame": answers, "presented": asked}]
    found = world.store.read(lambda reader: orders.prepare_many(reader, calls))
    good = [*found[: len(sends)], found[-1]]
    assert [prepared.frame for prepared in good] == [*sends, answers]
    assert [prepared.signer_id for prepared in good] == [ana.id, li.id] * 4 + [ana.id]
    assert [type(refusal) for refusal in found[len(sends) : -1]] == [refusal for _, refusal in bad]


def test_a_static_code_makes_a_captured_sale_of_what_the_payer_typed(world: World, ana: Member, shop: Member) -> None:
    done = world.execute(world.prepared(world.frame(ana, OrderKind.PAY, shop.handle, 800)))
    assert done.intent is not None
    assert world.store.read(intents.by_id, id=done.intent.id).state is IntentState.CAPTURED
    assert [sale.id for sale in world.store.read(intents.list_of_shop, shop_id=shop.id)] == [done.intent.id]


def test_the_same_order_again_answers_with_the_first_result_even_when_its_time_is_over(
    world: World, ana: Member, shop: Member
) -> None:
    order = world.payment(ana, world.intent(shop, 1250), shop)
    first = world.execute(order)
    world.pass_time(10_000)
    again = world.execute(order)
    assert again.is_replay
    assert again.transfer == first.transfer
    assert again.intent is not None
    assert again.intent.state is IntentState.CAPTURED
    assert world.balance(ana) == 98_750


def test_another_order_under_the_same_name_is_a_conflict(world: World, ana: Member, li: Member) -> None:
    jti = secrets.token_bytes(8)
    world.execute(world.transfer(ana, li, 500, jti=jti))
    with pytest.raises(IdempotencyConflict):
        world.execute(world.transfer(ana, li, 501, jti=jti))
    assert world.balance(li) == 100_500


def test_an_intent_is_paid_once_and_the_second_payer_keeps_the_money(
    world: World, ana: Member, li: Member, shop: Member
) -> None:
    intent = world.intent(shop, 1250)
    world.execute(world.payment(ana, intent, shop))
    with pytest.raises(IntentAlreadyPaid):
        world.execute(world.payment(li, intent, shop))
    assert (world.balance(li), world.balance(shop)) == (100_000, 1250)


def test_in_one_batch_the_first_payer_who_can_pay_wins(world: World, ana: Member, li: Member, shop: Member) -> None:
    poor = world.person("poor", balance_minor=10)
    intent = world.intent(shop, 1250)
    calls = [{"order": world.payment(member, intent, shop)} for member in (poor, ana, li)]
    answers = world.store.run(lambda uow: actions.execute_many(uow, calls))
    assert [type(answer) for answer in answers] == [InsufficientFunds, actions.Executed, IntentAlreadyPaid]
    assert [world.balance(member) for member in (poor, ana, li)] == [10, 98_750, 100_000]


def test_a_request_is_answered_once_with_its_amount_or_the_payers(world: World, ana: Member, li: Member) -> None:
    fixed, jti = request_of(world, li, 700)
    done = world.execute(world.prepared(world.frame(ana, OrderKind.SEND, "li", 700, subject=jti), fixed))
    assert done.transfer.amount_minor == 700
    with pytest.raises(RequestAlreadyPaid):
        world.execute(world.prepared(world.frame(ana, OrderKind.SEND, "li", 700, subject=jti), fixed))
    open_, jti = request_of(world, li, None)
    world.execute(world.prepared(world.frame(ana, OrderKind.SEND, "li", 55, subject=jti), open_))
    assert world.balance(li) == 100_755


def test_an_order_must_match_the_request_it_names(world: World, ana: Member, li: Member) -> None:
    text, jti = request_of(world, li, 700)
    with pytest.raises(orders.RequestDoesNotMatch):
        world.prepared(world.frame(ana, OrderKind.SEND, "li", 701, subject=jti), text)
    with pytest.raises(orders.RequestDoesNotMatch):
        world.prepared(world.frame(ana, OrderKind.SEND, "li", 700, subject=jti))
    with pytest.raises(orders.RequestDoesNotMatch):
        world.prepared(world.frame(ana, OrderKind.SEND, "li", 700, subject=b"otherone"), text)
    unasked = world.prepared(world.frame(ana, OrderKind.SEND, "li", 700), text)
    assert unasked.presented is None, "an order that names no request answers none, whatever came with it"


def test_an_expired_request_is_refused(world: World, ana: Member, li: Member) -> None:
    text, jti = request_of(world, li, 700, ttl_s=60)
    world.pass_time(200)
    with pytest.raises(refusals.CodeExpired):
        world.execute(world.prepared(world.frame(ana, OrderKind.SEND, "li", 700, subject=jti), text))


Refused = Callable[[World, Member, Member, Member], orders.Prepared]


def _other_amount(world: World, ana: Member, li: Member, shop: Member) -> orders.Prepared:
    intent = world.intent(shop, 1250)
    return world.prepared(world.frame(ana, OrderKind.PAY, "tea", 1249, subject=bytes.fromhex(intent.jti)))


def _other_currency(world: World, ana: Member, li: Member, shop: Member) -> orders.Prepared:
    intent = world.intent(shop, 1250)
    return world.prepared(world.frame(ana, OrderKind.PAY, "tea", 1250, currency=978, subject=bytes.fromhex(intent.jti)))


def _other_shop(world: World, ana: Member, li: Member, shop: Member) -> orders.Prepared:
    world.shop("books")
    intent = world.intent(shop, 1250)
    return world.prepared(world.frame(ana, OrderKind.PAY, "books", 1250, subject=bytes.fromhex(intent.jti)))


def _expired_order(world: World, ana: Member, li: Member, shop: Member) -> orders.Prepared:
    prepared = world.transfer(ana, li, 5)
    world.pass_time(181)
    return prepared


def _order_from_the_future(world: World, ana: Member, li: Member, shop: Member) -> orders.Prepared:
    return world.transfer(ana, li, 5, issued_at_s=world.now() // 1000 + 360)


def _expired_intent(world: World, ana: Member, li: Member, shop: Member) -> orders.Prepared:
    intent = world.intent(shop, 1250, ttl_s=60)
    world.pass_time(121)
    return world.payment(ana, intent, shop)


def _canceled_intent(world: World, ana: Member, li: Member, shop: Member) -> orders.Prepared:
    intent = world.intent(shop, 1250)
    world.store.run(intents.cancel, intent_id=intent.id, shop_id=shop.id)
    return world.payment(ana, intent, shop)


def _frozen(who: str) -> Refused:
    def make(world: World, ana: Member, li: Member, shop: Member) -> orders.Prepared:
        world.store.run(parties.freeze, party_id={"payer": ana, "payee": li}[who].id, is_frozen=True)
        return world.transfer(ana, li, 5)

    return make


def _revoked_in_between(world: World, ana: Member, li: Member, shop: Member) -> orders.Prepared:
    prepared = world.transfer(ana, li, 5)
    world.store.run(keys.revoke, party_id=ana.id, kid=ana.key.public_key.kid_hex)
    return prepared


REFUSALS: dict[str, tuple[Refused, type[DomainError]]] = {
    "another amount": (_other_amount, AmountMismatch),
    "another currency": (_other_currency, AmountMismatch),
    "an intent of another shop": (_other_shop, intents.UnknownIntent),
    "an expired order": (_expired_order, refusals.CodeExpired),
    "an order from the future": (_order_from_the_future, refusals.CodeNotYetValid),
    "an expired intent": (_expired_intent, refusals.CodeExpired),
    "a canceled intent": (_canceled_intent, IntentCanceled),
    "a frozen payer": (_frozen("payer"), parties.PartyFrozen),
    "a frozen payee": (_frozen("payee"), parties.PartyFrozen),
    "a key revoked between check and commit": (_revoked_in_between, refusals.RevokedKey),
    "more than the balance": (lambda w, ana, li, shop: w.transfer(ana, li, 100_001), InsufficientFunds),
    "oneself": (lambda w, ana, li, shop: w.transfer(ana, ana, 5), PaidToSelf),
    "nobody": (
        lambda w, ana, li, shop: w.prepared(w.frame(ana, OrderKind.SEND, "nobody", 5)),
        parties.UnknownParty,
    ),
    "a shop as a friend": (
        lambda w, ana, li, shop: w.prepared(w.frame(ana, OrderKind.SEND, "tea", 5)),
        orders.WrongPayee,
    ),
    "a friend as a shop": (
        lambda w, ana, li, shop: w.prepared(w.frame(ana, OrderKind.PAY, "li", 5)),
        orders.WrongPayee,
    ),
    "a top-up by oneself": (
        lambda w, ana, li, shop: w.prepared(w.frame(ana, OrderKind.TOP_UP, "li", 5)),
        orders.SignerMayNot,
    ),
    "a payout by a shop": (
        lambda w, ana, li, shop: w.prepared(w.frame(shop, OrderKind.PAYOUT, w.shop("books").handle, 5)),
        orders.SignerMayNot,
    ),
    "a hold of no intent": (
        lambda w, ana, li, shop: w.prepared(w.frame(ana, OrderKind.HOLD, "tea", 5)),
        intents.UnknownIntent,
    ),
    "a refund by a person": (
        lambda w, ana, li, shop: w.prepared(w.frame(ana, OrderKind.REFUND, "li", 5)),
        orders.SignerMayNot,
    ),
    "a shop's payout by itself": (
        lambda w, ana, li, shop: w.prepared(w.frame(shop, OrderKind.PAYOUT, "tea", 5)),
        PaidToSelf,
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refused_order_moves_nothing(world: World, ana: Member, li: Member, shop: Member, case: str) -> None:
    make, refusal = REFUSALS[case]
    prepared = make(world, ana, li, shop)
    before = [world.balance(member) for member in (ana, li, shop)]
    with pytest.raises(refusal):
        world.execute(prepared)
    assert [world.balance(member) for member in (ana, li, shop)] == before
    assert world.store.read(audit.run).faults == []


def test_an_order_sealed_by_a_strangers_key_is_not_even_prepared(world: World, ana: Member, li: Member) -> None:
    stranger = Member(ana.party, PrivateKey.generate())
    with pytest.raises(refusals.UnknownKey):
        world.prepared(world.frame(stranger, OrderKind.SEND, "li", 5))


def test_an_order_of_another_realm_is_not_prepared(world: World, ana: Member, li: Member) -> None:
    order = payloads.Order(
        amount_minor=5, currency=156, issued_at_s=world.now() // 1000, ttl_s=120, jti=b"12345678",
        payee="li", kind=OrderKind.SEND,
    )  # fmt: skip
    with pytest.raises(refusals.BadSeal):
        world.prepared(seal.seal(order, ana.key, "another-realm"))


def test_a_revoked_key_moves_nothing_any_more_and_what_it_moved_is_still_answered(
    world: World, ana: Member, li: Member
) -> None:
    order = world.transfer(ana, li, 5)
    first = world.execute(order)
    world.store.run(keys.revoke, party_id=ana.id, kid=ana.key.public_key.kid_hex)
    assert world.execute(world.prepared(order.frame)).transfer == first.transfer
    with pytest.raises(refusals.RevokedKey):
        world.execute(world.transfer(ana, li, 5))
    assert world.store.read(audit.run).faults == [], "the key was good when it signed, in this very second too"


def test_a_request_whose_key_was_given_up_is_not_paid(world: World, ana: Member, li: Member) -> None:
    text, jti = request_of(world, li, 700)
    prepared = world.prepared(world.frame(ana, OrderKind.SEND, "li", 700, subject=jti), text)
    world.store.run(keys.revoke, party_id=li.id, kid=li.key.public_key.kid_hex)
    with pytest.raises(refusals.RevokedKey):
        world.execute(prepared)
    assert world.store.read(audit.run).faults == []


def test_a_code_that_is_no_order_is_not_prepared(world: World, ana: Member, li: Member) -> None:
    text, _ = request_of(world, li, 700)
    with pytest.raises(orders.NotAnOrder):
        world.prepared(frames.frame_of_text(text))


def test_scans_are_noted_once_and_reserve_nothing(world: World, ana: Member, li: Member, shop: Member) -> None:
    intent = world.intent(shop, 1250)
    for member in (ana, ana, li):
        world.store.run(intents.note_scan, intent_id=intent.id, party_id=member.id)
        world.pass_time(1)
    scans = [event.body for event in world.store.read(outbox.events_after, seq=0) if event.name == "intent.scanned"]
    assert [scan["by"] for scan in scans] == ["A***", "L***"]
    assert world.store.read(intents.last_scan, intent_id=intent.id) == "L***"
    world.execute(world.payment(li, intent, shop))


def test_due_intents_expire_with_an_event_and_others_stay(world: World, shop: Member) -> None:
    soon, later = world.intent(shop, 100, ttl_s=60), world.intent(shop, 100, ttl_s=900)
    assert not world.store.read(intents.has_due)
    world.pass_time(121)
    assert world.store.read(intents.has_due)
    assert world.store.run(intents.expire_due) == 1
    assert world.store.run(intents.expire_due) == 0
    assert world.store.read(intents.by_id, id=soon.id).state is IntentState.EXPIRED
    assert world.store.read(intents.by_id, id=later.id).state is IntentState.REQUIRES_PAYMENT
    assert world.store.read(outbox.events_after, seq=0)[-1].name == "intent.expired"


def test_a_shop_cancels_its_own_intents_only_and_never_a_paid_one(world: World, ana: Member, shop: Member) -> None:
    other = world.shop("books")
    intent = world.intent(shop, 100)
    with pytest.raises(intents.UnknownIntent):
        world.store.run(intents.cancel, intent_id=intent.id, shop_id=other.id)
    assert world.store.run(intents.cancel, intent_id=intent.id, shop_id=shop.id).state is IntentState.CANCELED
    assert world.store.run(intents.cancel, intent_id=intent.id, shop_id=shop.id).state is IntentState.CANCELED
    paid = world.intent(shop, 100)
    world.execute(world.payment(ana, paid, shop))
    with pytest.raises(IntentAlreadyPaid):
        world.store.run(intents.cancel, intent_id=paid.id, shop_id=shop.id)


@pytest.mark.parametrize("ttl_s", [0, 14, 901, -1, True, 60.0, "60"])
def test_an_intent_lives_15_to_900_seconds(world: World, shop: Member, ttl_s: object) -> None:
    with pytest.raises(intents.BadTtl):
        world.intent(shop, 100, ttl_s=ttl_s)


def test_many_orders_at_once_are_executed_in_few_statements_and_add_up(world: World, shop: Member) -> None:
    payers = [world.person(f"p{number}", balance_minor=1000) for number in range(30)]
    calls = [{"order": world.payment(payer, world.intent(shop, 10), shop)} for payer in payers for _ in range(2)]

    def execute(uow: UnitOfWork) -> list[object]:
        return list(actions.execute_many(uow, calls))

    assert all(isinstance(answer, actions.Executed) for answer in world.store.run(execute))
    assert world.balance(shop) == 600
    assert world.store.read(audit.run).faults == []
