"""What a program does about a sale once its customer has signed: capture, void, refund; once each, its own alone."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from merchant import sweeper
from merchant.keys import actions as api_keys
from shared import clock, ids
from shared.identity import parties
from shared.payments import audit
from shared.payments.kinds import HOLD_MS
from shared.settlement import actions as settlement
from tests.merchant.shop import Program, Shop
from tests.world import SECRET, Member

REFUND = [
    "id", "object", "payment_intent", "status", "amount_minor", "currency", "reason", "transfer", "created_at",
]  # fmt: skip


@pytest.fixture(autouse=True)
def green(shop: Shop):  # type: ignore[no-untyped-def]
    """Whatever a test did, the audit agrees with it."""
    yield
    assert shop.store.read(audit.run).faults == []


@pytest.fixture
def held(shop: Shop, program: Program, ana: Member) -> str:
    """An intent of 600.00 that Ana has authorized."""
    id = str(program.create(60_000, capture_method="manual").json["id"])
    shop.authorized_by(ana, id)
    return id


@pytest.fixture
def sold(shop: Shop, program: Program, ana: Member) -> str:
    """An intent of 10.00 that Ana has paid."""
    id = str(program.create(1_000).json["id"])
    shop.paid_by(ana, id)
    return id


def capture(program: Program, id: str, body: Any = None, key: str | None = None) -> TestResponse:
    return program.ask("POST", f"/payment_intents/{id}/capture", body, key)


def void(program: Program, id: str, body: Any = None, key: str | None = None) -> TestResponse:
    return program.ask("POST", f"/payment_intents/{id}/void", body, key)


def refund(program: Program, id: str, key: str | None = None, **more: Any) -> TestResponse:
    return program.ask("POST", "/refunds", {"payment_intent": id, **more}, key)


def refusal(answer: TestResponse) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json"
    assert "{" not in answer.json["detail"]
    return answer.status_code, answer.json["code"]


def test_a_manual_intent_is_authorized_until_a_week_later(shop: Shop, program: Program, ana: Member, held: str) -> None:
    told = program.ask("GET", f"/payment_intents/{held}").json
    until = shop.intent(held).authorized_until
    assert until is not None
    assert abs(until - shop.world.now() - HOLD_MS) < 60_000
    assert told["authorized_until"] == clock.rfc3339(until)
    assert (told["status"], told["payer"], told["transfer"]) == ("authorized", "A***", None)
    assert (told["amount_captured_minor"], shop.world.balance(ana)) == (0, 40_000)


def test_capturing_takes_all_of_it_unless_less_is_said(shop: Shop, program: Program, ana: Member, held: str) -> None:
    part = program.create(500, capture_method="manual").json["id"]
    shop.authorized_by(ana, part)
    whole, less = capture(program, held), capture(program, part, {"amount_minor": 200})
    assert (whole.status_code, whole.json["status"], whole.json["amount_captured_minor"]) == (200, "captured", 60_000)
    assert (less.json["amount_minor"], less.json["amount_captured_minor"]) == (500, 200)
    assert shop.world.balance(ana) == 100_000 - 60_200
    assert shop.world.balance(shop.member) == 60_200


def test_voiding_releases_the_money(shop: Shop, program: Program, ana: Member, held: str) -> None:
    answer = void(program, held)
    assert (answer.status_code, answer.json["status"], answer.json["amount_captured_minor"]) == (200, "voided", 0)
    assert shop.world.balance(ana) == 100_000


@pytest.mark.parametrize(("act", "status"), [(capture, "captured"), (void, "voided")])
def test_asking_again_under_the_same_key_gives_the_first_answer(
    program: Program, held: str, act: Any, status: str
) -> None:
    first, again = act(program, held, None, "k-1"), act(program, held, None, "k-1")
    assert (first.status_code, first.json["status"]) == (200, status)
    assert (again.status_code, again.json) == (200, first.json)
    assert refusal(act(program, held)) == (409, "intent_closed"), "without the key it is another request"
    assert act(program, held).json["x_state"] == status


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"amount_minor": 60_001}, "capture_exceeds_authorized"), ({"amount_minor": 0}, "invalid_amount"),
        ({"amount_minor": -1}, "invalid_amount"), ({"amount_minor": 1.5}, "bad_input"),
        ({"amount_minor": True}, "bad_input"), ({"amount": 5}, "bad_input"), ([], "bad_input"),
    ],
)  # fmt: skip
def test_what_cannot_be_captured_leaves_the_hold(shop: Shop, program: Program, held: str, body: Any, code: str) -> None:
    assert refusal(capture(program, held, body, "k-1")) == (400, code)
    assert capture(program, held, {"amount_minor": 1}, "k-1").status_code == 200, "a refusal is not kept"


def test_a_void_takes_no_amount(program: Program, held: str) -> None:
    assert refusal(void(program, held, {"amount_minor": 1})) == (400, "bad_input")


def test_only_what_is_authorized_is_captured_or_voided(shop: Shop, program: Program, ana: Member, sold: str) -> None:
    waiting = program.create(500, capture_method="manual").json["id"]
    for id in (waiting, sold):
        assert refusal(capture(program, id)) == (409, "intent_closed")
        assert refusal(void(program, id)) == (409, "intent_closed")
    assert shop.world.balance(shop.member) == 1_000


def test_what_is_authorized_is_voided_and_not_canceled(program: Program, held: str) -> None:
    answer = program.ask("POST", f"/payment_intents/{held}/cancel")
    assert (*refusal(answer), answer.json["x_state"]) == (409, "intent_closed", "authorized")


def test_a_hold_that_ran_out_is_expired_and_cannot_be_captured(shop: Shop, program: Program, held: str) -> None:
    shop.world.pass_time(HOLD_MS // 1000)
    assert refusal(capture(program, held)) == (409, "intent_closed")
    sweeper.sweep(shop.store)
    assert program.ask("GET", f"/payment_intents/{held}").json["status"] == "expired"


def test_a_refund_gives_back_a_part_then_the_rest(shop: Shop, program: Program, ana: Member, sold: str) -> None:
    part = refund(program, sold, amount_minor=400, reason="One cup was cold")
    assert (part.status_code, list(part.json)) == (201, REFUND)
    assert (part.json["status"], part.json["amount_minor"], part.json["reason"], part.json["payment_intent"]) == (
        "succeeded", 400, "One cup was cold", sold,
    )  # fmt: skip
    rest = refund(program, sold)
    assert (rest.json["amount_minor"], rest.json["reason"]) == (600, "")
    assert shop.world.balance(ana) == 100_000
    told = program.ask("GET", f"/payment_intents/{sold}").json
    assert (told["status"], told["amount_captured_minor"], told["amount_refunded_minor"]) == ("captured", 1000, 1000)
    assert program.ask("GET", f"/refunds/{part.json['id']}").json == part.json
    listed = program.ask("GET", f"/refunds?payment_intent={sold}").json
    assert sorted(row["id"] for row in listed["data"]) == sorted([part.json["id"], rest.json["id"]])
    assert listed["has_more"] is False
    after = listed["data"][0]["id"]
    assert program.ask("GET", f"/refunds?payment_intent={sold}&after={after}").json["data"] == listed["data"][1:]


def test_a_refund_under_the_same_key_is_made_once(shop: Shop, program: Program, ana: Member, sold: str) -> None:
    first, again = (refund(program, sold, "r-1", amount_minor=400) for _ in range(2))
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert refusal(refund(program, sold, "r-1", amount_minor=401)) == (409, "idempotency_conflict")
    assert shop.world.balance(ana) == 99_400
    other = refund(program, sold, "r-2", amount_minor=400)
    assert other.json["id"] != first.json["id"]
    assert shop.world.balance(ana) == 99_800


def test_all_that_is_left_under_the_same_key_is_the_first_answer_for_ever(program: Program, sold: str) -> None:
    first = refund(program, sold, "r-1")
    assert refund(program, sold, "r-1").json == first.json
    assert refusal(refund(program, sold)) == (409, "refund_exceeds_captured")


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"amount_minor": 1001}, 409, "refund_exceeds_captured"), ({"amount_minor": 0}, 400, "invalid_amount"),
        ({"amount_minor": "1"}, 400, "bad_input"), ({"reason": 7}, 400, "bad_input"),
        ({"reason": "x" * 121}, 400, "bad_field"), ({"reason": "a\u202eb"}, 400, "bad_field"),
        ({"why": "x"}, 400, "bad_input"), ({"payment_intent": None}, 400, "bad_input"),
        ({"payment_intent": "pi_x"}, 404, "unknown_intent"),
    ],
)  # fmt: skip
def test_what_cannot_be_refunded_moves_nothing(
    shop: Shop, program: Program, sold: str, more: dict[str, Any], status: int, code: str
) -> None:
    assert refusal(refund(program, sold, **more)) == (status, code)
    assert shop.world.balance(shop.member) == 1_000


def test_only_captured_money_is_given_back(shop: Shop, program: Program, ana: Member, held: str) -> None:
    waiting = program.create(500).json["id"]
    for id in (waiting, held):
        assert refusal(refund(program, id)) == (409, "intent_closed")


def test_a_shop_that_was_paid_out_has_nothing_to_give_back(shop: Shop, program: Program, sold: str) -> None:
    settlement.settle(shop.store, cutoff_at=None, secret=SECRET)
    answer = refund(program, sold, "r-1")
    assert refusal(answer) == (409, "insufficient_funds")
    assert answer.json["detail"].startswith("Your shop's balance is too low")
    assert program.ask("GET", f"/refunds?payment_intent={sold}").json["data"] == []


def test_nothing_is_given_to_somebody_who_is_frozen(shop: Shop, program: Program, ana: Member, sold: str) -> None:
    shop.store.run(parties.freeze, party_id=ana.id, is_frozen=True)
    assert refusal(refund(program, sold, "r-1")) == (403, "party_frozen")
    shop.store.run(parties.freeze, party_id=ana.id, is_frozen=False)
    assert refund(program, sold, "r-1").status_code == 201


def test_what_belongs_to_another_shop_does_not_exist(
    shop: Shop, program: Program, ana: Member, held: str, sold: str
) -> None:
    other = shop.world.shop("noodles")
    secret = api_keys.new_key()
    shop.store.run(api_keys.issue, shop_id=other.id, key=secret, name="test")
    rival = shop.program(secret)
    mine = refund(program, sold, amount_minor=1).json["id"]
    assert refusal(capture(rival, held)) == (404, "unknown_intent")
    assert refusal(void(rival, held)) == (404, "unknown_intent")
    assert refusal(refund(rival, sold)) == (404, "unknown_intent")
    assert refusal(rival.ask("GET", f"/refunds?payment_intent={sold}")) == (404, "unknown_intent")
    for id in (mine, ids.new_id("rf", 0), "rf_x", "x"):
        assert refusal(rival.ask("GET", f"/refunds/{id}")) == (404, "unknown_refund")
    assert shop.world.balance(shop.member) == 999


@pytest.mark.parametrize("query", ["?intent=x", "?payment_intent=pi_x", "?payment_intent={}&after=rf_x", "?after=x"])
def test_a_list_of_refunds_takes_no_other_names(program: Program, sold: str, query: str) -> None:
    assert program.ask("GET", "/refunds" + query.format(sold)).status_code in (400, 404)


def test_without_a_good_key_nothing_is_done(shop: Shop, held: str, sold: str) -> None:
    stranger = shop.program("sk_test_x")
    for answer in (capture(stranger, held), void(stranger, held), refund(stranger, sold)):
        assert refusal(answer) == (401, "bad_api_key")
    assert shop.world.balance(shop.member) == 1_000
