"""A program charges what a phone shows: its code, or the number under it; above the limit it waits for the phone."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from shared.codes import digits
from shared.codes import frame as frames
from shared.identity import keys
from shared.payments import audit, numbers, orders, presented
from shared.web import attempts
from tests.merchant.shop import Browser, Program, Shop
from tests.world import Member

NO_PIN = 20_000


@pytest.fixture(autouse=True)
def green(shop: Shop):  # type: ignore[no-untyped-def]
    """Whatever a test did, the audit agrees with it."""
    yield
    assert shop.store.read(audit.run).faults == []


@pytest.fixture
def ana(shop: Shop) -> Member:
    """A customer with 1,000.00, of which 200.00 go without being asked."""
    ana = shop.world.person("ana")
    shop.world.limit(ana, NO_PIN)
    return ana


def shown(shop: Shop, payer: Member, **change: object) -> str:
    """What a phone shows: the text of a payer code."""
    return frames.code_text("http://localhost:5001", shop.world.payer_code(payer, **change))


def number_under(shop: Shop, code: str) -> str:
    opened = shop.store.read(orders.open_as_of, frame=frames.frame_of_text(code), at_ms=None, now_s=None)
    return shop.store.run(numbers.issue, opened=opened).number


def charge(program: Program, id: str, code: object, key: str | None = None) -> TestResponse:
    return program.ask("POST", f"/payment_intents/{id}/charge", {"code": code}, key)


def sale(program: Program, amount_minor: int = 1_250, **more: object) -> str:
    return str(program.create(amount_minor, **more).json["id"])


def refusal(answer: TestResponse) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json"
    assert "{" not in answer.json["detail"]
    return answer.status_code, answer.json["code"]


def test_a_code_is_taken_as_text_as_digits_and_by_its_number(shop: Shop, program: Program, ana: Member) -> None:
    code = shown(shop, ana)
    bare = digits.encode(shop.world.payer_code(ana))
    number = number_under(shop, shown(shop, ana))
    typed = f" {number[:4]} {number[4:8]}-{number[8:12]} {number[12:16]} {number[16:]} "

    for text in (code, bare, typed):
        answer = charge(program, sale(program), text)
        assert (answer.status_code, answer.json["status"], answer.json["payer"]) == (200, "captured", "A***")
        assert answer.json["amount_captured_minor"] == 1_250


def test_the_same_key_gets_the_first_answer_and_the_same_code_is_not_taken_for_another_sale(
    shop: Shop, program: Program, ana: Member
) -> None:
    code, id = shown(shop, ana), sale(program)
    first = charge(program, id, code, "k1")
    shop.world.pass_time(600)

    assert charge(program, id, code, "k1").json == first.json
    assert refusal(charge(program, id, shown(shop, ana), "k1")) == (409, "idempotency_conflict")
    assert charge(program, id, code).json["status"] == "captured"
    assert refusal(charge(program, sale(program), code)) == (409, "code_spent")


def test_a_number_is_worth_what_its_code_is_worth(shop: Shop, program: Program, ana: Member) -> None:
    code = shown(shop, ana)
    number, again = number_under(shop, code), number_under(shop, code)
    assert (number, number[:2], len(number)) == (again, "28", 18)

    assert charge(program, sale(program), number).json["status"] == "captured"
    assert refusal(charge(program, sale(program), number)) == (409, "code_spent")
    late = number_under(shop, shown(shop, ana))
    shop.world.pass_time(182)
    assert refusal(charge(program, sale(program), late)) == (422, "code_expired")


def test_a_mistyped_number_is_noticed_and_a_guesser_has_to_wait(shop: Shop, program: Program, ana: Member) -> None:
    id, number = sale(program, ttl_s=900), number_under(shop, shown(shop, ana))
    mistyped = number[:5] + str((int(number[5]) + 1) % 10) + number[6:]
    for _ in range(attempts.FREE_TRIES + 1):
        assert refusal(charge(program, id, mistyped)) == (404, "unknown_number")
    guesses = [guess for guess in range(10**17 * 28, 10**17 * 28 + 200) if numbers.is_well_typed(str(guess // 10))]
    for _ in range(attempts.FREE_TRIES):
        assert refusal(charge(program, id, str(guesses[0] // 10))) == (404, "unknown_number")
    assert refusal(charge(program, id, number)) == (429, "too_many_attempts")
    shop.world.pass_time(31)
    assert charge(program, id, number).json["status"] == "captured"


def test_more_than_the_limit_waits_for_the_phone(shop: Shop, program: Program, browser: Browser, ana: Member) -> None:
    id, other = sale(program, NO_PIN + 1), sale(program, NO_PIN + 1)
    code = shown(shop, ana)
    assert charge(program, id, code, "k").json["status"] == "requires_confirmation"
    assert 'data-state="asked"' in browser.get(f"/checkout/{id}").text
    assert refusal(charge(program, id, shown(shop, ana))) == (409, "awaits_confirmation")
    shop.paid_by(ana, id)
    assert charge(program, id, code, "k").json["status"] == "requires_confirmation", "the first answer stays"
    told = program.ask("GET", f"/payment_intents/{id}").json
    assert (told["status"], told["payer"], told["amount_captured_minor"]) == ("captured", "A***", NO_PIN + 1)

    charge(program, other, shown(shop, ana))
    shop.store.run(presented.decline, intent_id=other, party_id=ana.id)
    assert program.ask("GET", f"/payment_intents/{other}").json["status"] == "declined"
    assert 'data-state="declined"' in browser.get(f"/checkout/{other}").text


def test_what_waits_is_withdrawn_by_the_shop(shop: Shop, program: Program, ana: Member) -> None:
    id = sale(program, NO_PIN + 1)
    charge(program, id, shown(shop, ana))
    assert program.ask("POST", f"/payment_intents/{id}/cancel").json["status"] == "canceled"


def test_a_sale_that_is_captured_later_is_authorized(shop: Shop, program: Program, ana: Member) -> None:
    id = sale(program, capture_method="manual")
    assert charge(program, id, shown(shop, ana)).json["status"] == "authorized"
    assert program.ask("POST", f"/payment_intents/{id}/capture").json["status"] == "captured"


def test_what_is_no_good_code_is_refused_with_its_reason(shop: Shop, program: Program, ana: Member) -> None:
    lost = shop.world.person("lost")
    shop.store.run(keys.revoke, party_id=lost.id, kid=lost.key.public_key.kid_hex)
    poor = shop.world.person("poor", balance_minor=10)
    shop.world.limit(poor, NO_PIN)
    id, request = sale(program), program.create(700).json["code"]
    for code, status, why in (
        (shown(shop, ana, cap_minor=1_249), 400, "amount_above_cap"),
        (shown(shop, ana, issued_at_s=shop.world.now() // 1000 - 7200), 422, "code_expired"),
        (shown(shop, ana, issued_at_s=shop.world.now() // 1000 + 7200), 422, "code_not_yet_valid"),
        (shown(shop, lost), 422, "revoked_key"),
        (shown(shop, poor), 409, "payer_insufficient_funds"),
        (request, 400, "not_a_payer_code"),
        ("https://example.test/", 422, "not_a_code"),
        ("12345", 422, "not_a_code"),
        ("1" * 18, 404, "unknown_number"),
        ("", 422, "not_a_code"),
        (None, 400, "bad_input"),
        (281234567890123456, 400, "bad_input"),
        (["x"], 400, "bad_input"),
    ):
        assert refusal(charge(program, id, code)) == (status, why), code
    assert refusal(charge(program, "pi_x", shown(shop, ana))) == (404, "unknown_intent")
    assert refusal(program.ask("POST", f"/payment_intents/{id}/charge", {"code": "x", "cap": 1})) == (400, "bad_input")
    assert charge(program, id, shown(shop, ana)).json["status"] == "captured"
