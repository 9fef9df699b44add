"""What every call of the API meets at the entry: its name, its version, its rate, its repetition, its body."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from merchant import sweeper
from merchant.api.entry import VERSION
from merchant.app import create_app
from shared import clock
from shared.codes import frame as frames
from shared.db.once import KEPT_MS
from tests.merchant.shop import Program, Shop
from tests.world import Member

PATHS = ("/static_code", "/payment_intents/pi_x", "/nowhere", "/refunds/rf_x")


def raw(program: Program, method: str, path: str, **options: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {program.key}", **options.pop("headers", {})}
    return program.client.open("/v1" + path, method=method, headers=headers, **options)


def later(monkeypatch: pytest.MonkeyPatch, milliseconds: int) -> None:
    now = clock.system_now() + milliseconds
    monkeypatch.setattr(clock, "system_now", lambda: now)


def limited(shop: Shop, rate: int) -> Program:
    """A program at a till that lets each key ask so often."""
    app = create_app(replace(shop.config, api_rate=rate), shop.store)
    return Program(app.test_client(), shop.told["api_key"])


def test_every_answer_names_its_request_and_its_version(program: Program) -> None:
    answers = [program.ask("GET", path) for path in PATHS]
    answers.append(program.client.get("/v1/static_code"))
    answers.append(program.ask("PUT", "/refunds"))
    names = [answer.headers["X-Request-Id"] for answer in answers]
    assert len(set(names)) == len(answers)
    assert all(re.fullmatch(r"req_[0-9a-z]{26}", name) for name in names)
    assert {answer.headers["Saoma-Version"] for answer in answers} == {VERSION}
    for answer in answers:
        if answer.status_code >= 400:
            assert answer.json["request_id"] == answer.headers["X-Request-Id"]


def test_a_request_has_no_other_name_than_ours(program: Program) -> None:
    answer = raw(program, "GET", "/static_code", headers={"X-Request-Id": "mine"})
    assert answer.headers["X-Request-Id"].startswith("req_")


def test_pages_of_the_till_name_no_requests(shop: Shop) -> None:
    assert "X-Request-Id" not in shop.browser().get("/signin").headers


@pytest.mark.parametrize(("version", "status"), [(VERSION, 200), ("2020-01-01", 400), ("", 400), ("latest", 400)])
def test_a_version_that_never_was_is_refused(program: Program, version: str, status: int) -> None:
    answer = raw(program, "GET", "/static_code", headers={"Saoma-Version": version})
    assert answer.status_code == status
    assert status == 200 or answer.json["code"] == "unknown_api_version"


def test_a_key_that_asks_too_often_is_told_when_to_come_back(shop: Shop) -> None:
    program = limited(shop, 1)
    first, second, third = (program.ask("GET", "/static_code") for _ in range(3))
    assert [answer.status_code for answer in (first, second, third)] == [200, 200, 429]
    assert (first.headers["RateLimit-Limit"], first.headers["RateLimit-Remaining"]) == ("2", "1")
    assert (third.json["code"], third.headers["RateLimit-Remaining"]) == ("rate_limited", "0")
    assert int(third.headers["Retry-After"]) >= 1
    assert int(third.headers["RateLimit-Reset"]) >= 1


def test_what_is_refused_for_its_rate_does_nothing(shop: Shop) -> None:
    program = limited(shop, 1)
    answers = [program.create(key=f"k-{number}") for number in range(4)]
    assert [answer.status_code for answer in answers][2:] == [429, 429]
    [(count,)] = shop.store.read(lambda reader: reader.sql.rows("SELECT count(*) FROM payments_intent"))
    assert count == 2


def test_one_keys_haste_is_not_anothers(shop: Shop) -> None:
    program = limited(shop, 1)
    other = Program(program.client, shop.browser().post("/api/keys", {"name": "Other"}).json["key"])
    assert [program.ask("GET", "/static_code").status_code for _ in range(3)][-1] == 429
    assert other.ask("GET", "/static_code").status_code == 200


def test_without_a_limit_nothing_is_counted(shop: Shop) -> None:
    answer = limited(shop, 0).ask("GET", "/static_code")
    assert answer.status_code == 200
    assert "RateLimit-Limit" not in answer.headers


def test_a_repeated_request_gets_the_first_answer_to_the_byte(shop: Shop, program: Program, ana: Member) -> None:
    first = program.create(1250, key="k-1", memo="茶")
    shop.paid_by(ana, first.json["id"])
    again = program.create(1250, key="k-1", memo="茶")
    assert (again.status_code, again.data, again.mimetype) == (201, first.data, first.mimetype)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers


def test_a_repeated_request_is_not_judged_by_what_has_changed_since(shop: Shop, program: Program, ana: Member) -> None:
    id = program.create(1250).json["id"]
    sent = {"code": frames.code_text(shop.config.wallet_url, shop.world.payer_code(ana))}
    shop.world.limit(ana, 100_000)
    first = program.ask("POST", f"/payment_intents/{id}/charge", sent, "k-1")
    assert first.status_code == 200, first.text
    again = program.ask("POST", f"/payment_intents/{id}/charge", sent, "k-1")
    assert (again.status_code, again.data, again.headers["Idempotent-Replayed"]) == (200, first.data, "true")


def test_a_refusal_is_not_kept(program: Program) -> None:
    refused = program.create(0, key="k-1")
    assert refused.status_code == 400
    made = program.create(1, key="k-1")
    assert (made.status_code, "Idempotent-Replayed" in made.headers) == (201, False)


def test_after_a_day_a_key_is_a_new_one_and_the_old_answer_forgotten(
    shop: Shop, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept() -> int:
        [(count,)] = shop.store.read(lambda reader: reader.sql.rows("SELECT count(*) FROM db_once"))
        return int(count)

    first = program.create(1250, key="k-1").json["id"]
    program.create(1250, key="k-2")
    later(monkeypatch, KEPT_MS - 60_000)
    assert program.create(1250, key="k-1").json["id"] == first
    later(monkeypatch, 60_000)
    again = program.create(999, key="k-1")
    assert again.status_code == 201
    assert again.json["id"] != first
    assert program.create(999, key="k-1").json["id"] == again.json["id"]
    before = kept()
    sweeper.sweep(shop.store)
    assert (before, kept()) == (2, 1)


@pytest.mark.parametrize("key", ["", "x" * 256, "caf\xe9", "a\tb"])
def test_a_key_that_cannot_be_one_is_refused_at_every_post(program: Program, key: str) -> None:
    id = program.create().json["id"]
    for path, body in ((f"/payment_intents/{id}/cancel", None), ("/payment_intents", {"amount_minor": 1})):
        answer = program.ask("POST", path, body, key)
        assert (answer.status_code, answer.json["code"]) == (400, "bad_idempotency_key")


@pytest.mark.parametrize(
    ("body", "mimetype", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"[" * 30_000, "application/json", 400),
        (b'{"amount_minor": 1}'.decode().encode("utf-16"), "application/json", 400),
        (b'{"memo": "\xff"}', "application/json", 400),
        (b'{"amount_minor": 1}', "text/plain", 415),
        (b'{"amount_minor": 1, "memo": "' + b"x" * 70_000 + b'"}', "application/json", 413),
        (b'{"amount_minor": 1, "amount_minor": 1000}', "application/json", 400),
    ],
)
@pytest.mark.parametrize("path", ["/payment_intents", "/refunds"])
def test_a_body_that_is_no_plain_object_is_a_problem_with_a_name(
    program: Program, path: str, body: bytes, mimetype: str, status: int
) -> None:
    answer = raw(program, "POST", path, data=body, content_type=mimetype, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    assert json.loads(answer.data)["request_id"]


def test_a_body_that_comes_in_pieces_counts_too(shop: Shop, program: Program, ana: Member) -> None:
    """Without a length, as chunked bodies come: what they say must not be silently left out."""
    id = program.create(1000, capture_method="manual").json["id"]
    shop.authorized_by(ana, id)
    pieces = {"wsgi.input_terminated": True}
    answer = raw(
        program, "POST", f"/payment_intents/{id}/capture", input_stream=io.BytesIO(b'{"amount_minor": 400}'),
        content_type="application/json", environ_overrides=pieces,
    )  # fmt: skip
    assert (answer.status_code, answer.json["amount_captured_minor"]) == (200, 400)
