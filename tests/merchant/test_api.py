"""The merchant API, /v1: what it makes, what it refuses, and what asking twice does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merchant import sweeper
from merchant.keys import actions as api_keys
from shared.db import outbox
from shared.identity import keys, parties
from shared.money import MAX_MINOR
from shared.payments import intents
from tests.examples import examples
from tests.merchant.shop import Program, Shop
from tests.world import Member

FIELDS = [
    "id", "object", "status", "amount_minor", "currency", "reference", "memo", "code", "created_at", "expires_at",
    "scanned_by", "payer", "transfer", "capture_method", "amount_captured_minor", "amount_refunded_minor",
    "authorized_until", "metadata", "hosted_url",
]  # fmt: skip


def count_of_intents(shop: Shop) -> int:
    [(count,)] = shop.store.read(lambda reader: reader.sql.rows("SELECT count(*) FROM payments_intent"))
    return int(count)


def test_an_intent_is_made_scanned_and_paid(shop: Shop, program: Program, ana: Member) -> None:
    made = program.create(1250, currency="CNY", reference="T-1", memo="2 teas", ttl_s=60)
    assert made.status_code == 201
    assert list(made.json) == FIELDS
    assert made.json["object"] == "payment_intent"
    assert (made.json["status"], made.json["scanned_by"], made.json["payer"]) == ("requires_payment", None, None)
    path = f"/payment_intents/{made.json['id']}"
    shop.scanned_by(ana, made.json["id"])
    assert program.ask("GET", path).json["scanned_by"] == "A***"
    done = shop.paid_by(ana, made.json["id"])
    paid = program.ask("GET", path).json
    assert (paid["status"], paid["payer"], paid["transfer"]) == ("captured", "A***", done.transfer.id)
    assert {name: paid[name] for name in ("amount_minor", "currency", "reference", "memo", "code")} == {
        name: made.json[name] for name in ("amount_minor", "currency", "reference", "memo", "code")
    }


def test_what_may_be_left_out_has_its_usual_value(program: Program) -> None:
    made = program.create(1, currency=None, reference=None, memo=None, ttl_s=None, capture_method=None).json
    assert (made["currency"], made["reference"], made["memo"]) == ("CNY", "", "")
    assert (made["capture_method"], made["authorized_until"]) == ("automatic", None)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "bad_input"),
        ({"amount_minor": None}, 400, "bad_input"),
        ({"amount_minor": 12.5}, 400, "bad_input"),
        ({"amount_minor": 12.0}, 400, "bad_input"),
        ({"amount_minor": "1250"}, 400, "bad_input"),
        ({"amount_minor": True}, 400, "bad_input"),
        ({"amount_minor": [1]}, 400, "bad_input"),
        ({"amount_minor": 0}, 400, "invalid_amount"),
        ({"amount_minor": -1}, 400, "invalid_amount"),
        ({"amount_minor": MAX_MINOR + 1}, 400, "invalid_amount"),
        ({"amount_minor": 10**30}, 400, "bad_input"),
        ({"amount_minor": 1, "currency": "EUR"}, 400, "foreign_currency"),
        ({"amount_minor": 1, "currency": "XXX"}, 400, "unknown_currency"),
        ({"amount_minor": 1, "currency": "cny"}, 400, "unknown_currency"),
        ({"amount_minor": 1, "currency": 156}, 400, "bad_input"),
        ({"amount_minor": 1, "reference": 7}, 400, "bad_input"),
        ({"amount_minor": 1, "reference": "x" * 17}, 400, "bad_field"),
        ({"amount_minor": 1, "reference": " x"}, 400, "bad_field"),
        ({"amount_minor": 1, "reference": "a\u202eb"}, 400, "bad_field"),
        ({"amount_minor": 1, "memo": "x" * 65}, 400, "bad_field"),
        ({"amount_minor": 1, "memo": "two\nlines"}, 400, "bad_field"),
        ({"amount_minor": 1, "memo": "half \ud83c"}, 400, "bad_input"),
        ({"amount_minor": 1, "ttl_s": 14}, 400, "bad_ttl"),
        ({"amount_minor": 1, "ttl_s": 901}, 400, "bad_ttl"),
        ({"amount_minor": 1, "ttl_s": "60"}, 400, "bad_input"),
        ({"amount_minor": 1, "ttl_s": 60.0}, 400, "bad_input"),
        ({"amount_minor": 1, "ttl": 60}, 400, "bad_input"),
        ({"amount_minor": 1, "capture_method": "later"}, 400, "bad_input"),
        ({"amount_minor": 1, "capture_method": True}, 400, "bad_input"),
        ([], 400, "bad_input"),
        ("text", 400, "bad_input"),
    ],
)
def test_a_bad_request_has_a_stable_code_and_makes_nothing(
    shop: Shop, program: Program, body: Any, status: int, code: str
) -> None:
    answer = program.ask("POST", "/payment_intents", body)
    assert (answer.status_code, answer.json["code"], answer.mimetype) == (status, code, "application/problem+json")
    assert set(answer.json) >= {"type", "title", "status", "code", "detail"}
    assert "{" not in answer.json["detail"], "the sentence's places are filled"
    assert count_of_intents(shop) == 0


@pytest.mark.parametrize(
    ("data", "mimetype", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b'{"amount_minor": NaN}', "application/json", 400),
        (b'{"amount_minor": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"amount_minor=1", "application/x-www-form-urlencoded", 415),
        (b'{"amount_minor": 1}', "text/plain", 415),
        (b'{"amount_minor": 1, "memo": "' + b"x" * 70_000 + b'"}', "application/json", 413),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(
    shop: Shop, program: Program, data: bytes, mimetype: str, status: int
) -> None:
    answer = program.ask("POST", "/payment_intents", data=data, content_type=mimetype)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert count_of_intents(shop) == 0


@settings(examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
            st.sampled_from(["amount_minor", "currency", "reference", "memo", "ttl_s"]) | st.text(max_size=5), inner
        ),
        max_leaves=8,
    )
)  # fmt: skip
def test_no_body_whatsoever_breaks_the_service(program: Program, body: Any) -> None:
    answer = program.ask("POST", "/payment_intents", data=json.dumps(body), content_type="application/json")
    assert answer.status_code in (201, 400)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer sk_test_x", "Basic abc", "Bearer \xe9"])
def test_without_a_good_key_nothing_is_said(shop: Shop, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    client = shop.app.test_client()
    for method, path in (("POST", "payment_intents"), ("GET", "payment_intents/pi_x"), ("GET", "static_code")):
        answer = client.open("/v1/" + path, method=method, headers=headers, json={"amount_minor": 1})
        assert (answer.status_code, answer.json["code"]) == (401, "bad_api_key")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_key_opens_nothing(shop: Shop, program: Program) -> None:
    shop.store.run(api_keys.revoke_named, shop_id=shop.party.id, name="demo")
    assert program.create().status_code == 401


def test_a_signed_in_browser_is_no_program(shop: Shop) -> None:
    browser = shop.browser()
    assert browser.post("/v1/payment_intents", {"amount_minor": 1}).status_code == 401


def test_another_shops_intents_do_not_exist(shop: Shop, program: Program) -> None:
    foreign = shop.world.intent(shop.world.shop("noodles"), 500).id
    for method, path in (("GET", foreign), ("POST", foreign + "/cancel"), ("GET", "pi_x")):
        answer = program.ask(method, f"/payment_intents/{path}")
        assert (answer.status_code, answer.json["code"]) == (404, "unknown_intent")
    assert shop.intent(foreign).state == "requires_payment"


def test_the_same_idempotency_key_makes_one_intent_and_gives_one_answer(shop: Shop, program: Program) -> None:
    first = program.create(1250, key="k-1", reference="T")
    events = shop.store.read(outbox.last_seq)
    again = program.ask("POST", "/payment_intents", {"reference": "T", "amount_minor": 1250}, "k-1")
    assert (again.status_code, again.json) == (201, first.json)
    assert count_of_intents(shop) == 1
    assert shop.store.read(outbox.last_seq) == events


def test_the_first_answer_is_replayed_even_after_the_intent_went_on(shop: Shop, program: Program, ana: Member) -> None:
    first = program.create(1250, key="k-1")
    shop.paid_by(ana, first.json["id"])
    assert program.create(1250, key="k-1").json == first.json


def test_a_key_that_comes_with_another_body_or_for_another_thing_is_a_conflict(shop: Shop, program: Program) -> None:
    made = program.create(1250, key="k-1")
    other = program.create(1251, key="k-1")
    assert (other.status_code, other.json["code"]) == (409, "idempotency_conflict")
    cancel = program.ask("POST", f"/payment_intents/{made.json['id']}/cancel", {}, "k-1")
    assert (cancel.status_code, cancel.json["code"]) == (409, "idempotency_conflict")
    assert count_of_intents(shop) == 1
    assert shop.intent(made.json["id"]).state == "requires_payment"


def test_two_shops_may_use_the_same_key(shop: Shop, program: Program) -> None:
    other = shop.world.shop("noodles")
    secret = api_keys.new_key()
    shop.store.run(api_keys.issue, shop_id=other.id, key=secret, name="test")
    made = program.create(1250, key="k-1").json["id"]
    foreign = shop.world.intent(other, 500).id
    canceled = shop.program(secret).ask("POST", f"/payment_intents/{foreign}/cancel", {}, "k-1")
    assert (canceled.status_code, canceled.json["status"]) == (200, "canceled")
    assert shop.intent(made).state == "requires_payment"


def test_a_refused_request_leaves_its_key_free(program: Program) -> None:
    assert program.create(0, key="k-1").status_code == 400
    assert program.create(1250, key="k-1").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "t\u00e4"])
def test_a_key_that_is_none_is_refused(program: Program, key: str) -> None:
    answer = program.create(1250, key=key)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_idempotency_key")


def test_canceling_is_repeatable_and_final(shop: Shop, program: Program) -> None:
    id = program.create().json["id"]
    for key in (None, "c-1", "c-1"):
        answer = program.ask("POST", f"/payment_intents/{id}/cancel", key=key)
        assert (answer.status_code, answer.json["status"]) == (200, "canceled")


def test_what_is_over_cannot_be_canceled(shop: Shop, program: Program, ana: Member) -> None:
    paid, expired = program.create(5).json["id"], program.create(6, ttl_s=15).json["id"]
    shop.paid_by(ana, paid)
    shop.world.pass_time(intents.SHORTEST_TTL_S + 62)
    answers = [program.ask("POST", f"/payment_intents/{id}/cancel") for id in (paid, expired)]
    assert [(answer.status_code, answer.json["code"]) for answer in answers] == [
        (409, "already_paid"), (409, "intent_closed"),
    ]  # fmt: skip
    sweeper.sweep(shop.store)
    assert program.ask("GET", f"/payment_intents/{expired}").json["status"] == "expired"


def test_a_frozen_shop_and_a_shop_without_a_key_charge_nobody(shop: Shop, program: Program) -> None:
    shop.store.run(parties.freeze, party_id=shop.party.id, is_frozen=True)
    assert program.create().json["code"] == "party_frozen"
    shop.store.run(parties.freeze, party_id=shop.party.id, is_frozen=False)
    for key in shop.store.read(keys.of_party, party_id=shop.party.id):
        shop.store.run(keys.revoke, party_id=shop.party.id, kid=key.kid_hex)
    assert program.create().json["code"] == "no_server_key"


def test_unknown_addresses_and_methods_answer_as_problems(program: Program) -> None:
    assert program.ask("GET", "/nothing").json["code"] == "not_found"
    assert program.ask("DELETE", "/payment_intents").json["code"] == "method_not_allowed"
