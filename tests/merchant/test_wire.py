"""What crossed the wire is kept for the inspector: whose it was, in Saoma's time, without a secret in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from merchant.app import create_app
from shared.config import from_environment
from shared.db import time
from shared.db.unit import Reader
from shared.web import blotting, wire
from tests.merchant.shop import Shop

NAMES = "at, service, method, path, status, shop_id, intent_id, request_id, asked_headers, asked, answered, missed"


def rows(reader: Reader) -> list[dict[str, Any]]:
    found = reader.sql.rows(f"SELECT {NAMES} FROM web_wire ORDER BY seq")
    return [dict(zip(NAMES.split(", "), row, strict=True)) for row in found]


def kept(shop: Shop, app: Flask | None = None) -> list[dict[str, Any]]:
    (app or shop.app).extensions["saoma_wire"].write()
    return shop.store.read(rows)


def test_a_call_is_kept_with_its_answer_its_shop_and_its_payment(shop: Shop) -> None:
    made = shop.program().create(1250, reference="A-17")

    [call] = kept(shop)

    assert (call["method"], call["path"], call["status"]) == ("POST", "/v1/payment_intents", 201)
    assert (call["shop_id"], call["intent_id"]) == (shop.party.id, made.json["id"])
    assert json.loads(call["asked"]) == {"amount_minor": 1250, "reference": "A-17"}
    assert json.loads(call["answered"])["id"] == made.json["id"]
    assert call["request_id"] == made.headers["X-Request-Id"]


def test_a_list_of_several_payments_is_a_call_about_none(shop: Shop) -> None:
    program = shop.program()
    ids = [program.create().json["id"] for _ in range(2)]
    program.ask("GET", f"/payment_intents/{ids[0]}")
    program.ask("GET", "/payment_intents")

    assert [call["intent_id"] for call in kept(shop)] == [*ids, ids[0], ""]


def test_the_key_is_blotted_out_but_for_its_kind_and_its_end(shop: Shop) -> None:
    shop.program().create()

    [call] = kept(shop)

    assert json.loads(call["asked_headers"])["Authorization"] == f"Bearer sk_test_•••{shop.told['api_key'][-4:]}"
    assert shop.told["api_key"] not in "".join(map(str, call.values()))


@pytest.mark.parametrize("before", ["", "Bearer\t", "Bearer:", "key=", "Basic "])
def test_a_key_that_is_sent_in_a_wrong_way_is_blotted_out_too(shop: Shop, before: str) -> None:
    headers = {"Authorization": before + shop.told["api_key"]}
    assert shop.app.test_client().post("/v1/payment_intents", json={}, headers=headers).status_code == 401

    [call] = kept(shop)

    assert shop.told["api_key"] not in "".join(map(str, call.values()))


def test_a_call_with_a_wrong_key_is_kept_as_nobodys(shop: Shop) -> None:
    shop.program(key="sk_test_wrong").create()

    [call] = kept(shop)

    assert (call["status"], call["shop_id"]) == (401, "")


def test_pages_and_the_till_itself_are_not_kept(shop: Shop) -> None:
    browser = shop.browser()
    browser.charge(500)
    browser.get("/sales")

    assert kept(shop) == []


def test_a_call_before_the_clock_was_moved_is_told_in_the_time_before(shop: Shop) -> None:
    program, day_ms = shop.program(), 86_400_000
    program.create()
    before = kept(shop)[0]["at"]
    program.create()
    shop.store.run(time.move_ahead, offset_ms=day_ms)
    program.create()

    _, second, third = (call["at"] for call in kept(shop))

    assert before <= second < before + day_ms <= third


def test_a_flood_is_counted_and_not_kept(shop: Shop) -> None:
    program = shop.program(key="sk_test_wrong")
    for _ in range(wire.MOST_WAITING + 3):
        program.ask("GET", "/payment_intents")
    assert len(kept(shop)) == wire.MOST_WAITING

    program.create()

    assert kept(shop)[-1]["missed"] == 3


def test_the_oldest_calls_are_forgotten(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "KEPT", 2)
    made = [shop.program().create(100 + number).json["id"] for number in range(3)]

    assert [call["intent_id"] for call in kept(shop)] == made[1:]


def test_one_switch_keeps_nothing(shop: Shop, tmp_path: Path) -> None:
    for switch in ({"SAOMA_INSPECTOR": "0"}, {"SAOMA_SANDBOX": "0"}):
        app = create_app(from_environment({"SAOMA_DATA_DIR": str(tmp_path)} | switch), shop.store)
        assert "saoma_wire" not in app.extensions


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        ('{"pin": "271828", "shipping": "fast"}', '{"pin": "•••", "shipping": "fast"}'),
        ('{"new_pin":271828}', '{"new_pin":"•••"}'),
        ('{"p\\u0069n": "271828"}', '{"pin": "•••"}'),
        ('{"memo": "\\ud800 \\u00e9"}', '{"memo": "? é"}'),
        ('{"session": "a\\"b", "api_v3_key": "c"}', '{"session": "•••", "api_v3_key": "•••"}'),
        ('{"url": "x", "secret": "whsec_abc', '{"url": "x", "secret": "•••"'),
        ('"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw="', '"whsec_•••"'),
        ("-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----",
         "-----BEGIN PRIVATE KEY----- ••• -----END PRIVATE KEY-----"),
    ],
)  # fmt: skip
def test_secrets_are_blotted_out_wherever_they_stand(sent: str, left: str) -> None:
    assert blotting.body(sent.encode()) == left


def test_a_long_body_is_cut_with_a_mark() -> None:
    assert blotting.body(b"x" * 9000) == "x" * blotting.LONGEST + "…"
    assert blotting.body(b"\xff\x00") == "\ufffd\ufffd"


def test_of_a_phones_call_only_the_payment_is_kept() -> None:
    told = {"order": "SM1", "confirmation": "c", "balance": "¥900.00", "status": "captured", "detail": "You have ¥9"}

    assert json.loads(blotting.of_phone(json.dumps(told).encode())) == {"status": "captured", "order": "SM1"}
