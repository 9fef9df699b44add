"""The test clock as an outside program uses it: what it moves has happened when the answer comes."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from shared.payments import audit
from tests.merchant.shop import Program, Shop, open_shop
from tests.world import Member, World


def advance(program: Program, **body: object) -> TestResponse:
    return program.ask("POST", "/test_clock/advance", body)


def time_of(answer: TestResponse, name: str = "now") -> datetime:
    return datetime.fromisoformat(answer.json[name])


def status_of(program: Program, id: str) -> str:
    return str(program.ask("GET", f"/payment_intents/{id}").json["status"])


def test_the_clock_moves_by_seconds_and_to_a_moment(program: Program) -> None:
    before = program.ask("GET", "/test_clock")
    assert before.json["offset_ms"] == 0
    moved = advance(program, by_s=3600)
    assert moved.json["offset_ms"] == 3_600_000
    assert time_of(moved) - time_of(before) >= timedelta(hours=1)
    wanted = (time_of(moved) + timedelta(days=2)).isoformat()
    there = advance(program, to=wanted)
    assert time_of(there).isoformat() == wanted
    assert program.ask("GET", "/test_clock").json["offset_ms"] == there.json["offset_ms"]


def test_calls_at_once_under_one_key_move_the_clock_once(shop: Shop, program: Program) -> None:
    def move(_: int) -> int:
        body = {"by_s": 100}
        return int(shop.program().ask("POST", "/test_clock/advance", body, key="once").json["offset_ms"])

    with ThreadPoolExecutor(5) as threads:
        told = list(threads.map(move, range(5)))
    assert told == [100_000] * 5
    assert program.ask("GET", "/test_clock").json["offset_ms"] == 100_000


def test_a_code_expires_before_the_answer_comes(shop: Shop, program: Program) -> None:
    made = program.create(ttl_s=60).json["id"]
    advance(program, by_s=100)
    assert shop.intent(made).state == "requires_payment"
    advance(program, by_s=60)
    assert shop.intent(made).state == "expired"


def test_a_hold_ends_after_seven_days(shop: Shop, program: Program, ana: Member) -> None:
    made = program.create(capture_method="manual").json["id"]
    shop.authorized_by(ana, made)
    balance = shop.world.balance(ana)
    advance(program, by_s=7 * 86_400)
    assert status_of(program, made) == "expired"
    assert shop.world.balance(ana) == balance + 1250
    assert shop.store.read(audit.run).faults == []


def test_cut_offs_on_the_way_settle_and_the_payout_arrives(shop: Shop, program: Program, ana: Member) -> None:
    paid = program.create().json["id"]
    shop.paid_by(ana, paid)
    clock = program.ask("GET", "/test_clock")
    there = advance(program, to=clock.json["next_cutoff_at"])
    [batch] = there.json["settled"]
    rows = shop.store.read(lambda reader: reader.sql.rows("SELECT cutoff_at, state FROM settlement_batch"))
    assert rows == [(int(time_of(clock, "next_cutoff_at").timestamp() * 1000), "in_transit")]
    assert list((shop.config.data_dir / "settlements").iterdir())
    later = advance(program, by_s=86_400)
    assert (later.json["settled"], later.json["paid_out"]) == ([], [batch])
    assert shop.store.read(audit.run).faults == []


def test_another_shops_batches_are_not_told(shop: Shop, program: Program, ana: Member) -> None:
    other = shop.world.shop("other")
    shop.world.sold(other, ana, 500)
    there = advance(program, by_s=2 * 86_400)
    assert (there.json["settled"], there.json["paid_out"]) == ([], [])
    assert shop.store.read(lambda reader: reader.sql.rows("SELECT state FROM settlement_batch")) == [("paid",)]


def test_open_pages_hear_how_far_it_moved(shop: Shop, program: Program) -> None:
    advance(program, by_s=60)
    *_, (topics, body) = shop.store.read(  # one for each stop on the way, if a cut-off was near
        lambda reader: reader.sql.rows("SELECT topics, body FROM db_event WHERE name = 'clock.advanced' ORDER BY seq")
    )
    assert (json.loads(topics), json.loads(body)["offset_ms"]) == (["everybody"], 60_000)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "bad_input"),
        ({"by_s": 1, "to": "2030-01-01T00:00:00Z"}, "bad_input"),
        ({"by_s": 1.5}, "bad_input"),
        ({"by_s": "60"}, "bad_input"),
        ({"by_s": True}, "bad_input"),
        ({"to": "tomorrow"}, "bad_input"),
        ({"to": 5}, "bad_input"),
        ({"minutes": 5}, "bad_input"),
        ({"by_s": -1}, "clock_goes_forward"),
        ({"to": "2020-01-01T00:00:00Z"}, "clock_goes_forward"),
        ({"by_s": 367 * 86_400}, "clock_too_far"),
        ({"to": "9999-12-31T23:59:59Z"}, "clock_too_far"),
    ],
)
def test_an_impossible_move_is_refused_and_moves_nothing(program: Program, body: dict[str, object], code: str) -> None:
    refused = advance(program, **body)
    assert (refused.status_code, refused.json["code"]) == (400, code)
    assert program.ask("GET", "/test_clock").json["offset_ms"] == 0


def test_outside_a_sandbox_nobody_moves_it(sqlite_world: World, tmp_path: Path) -> None:
    program = open_shop(sqlite_world.store, tmp_path / "data", SAOMA_SANDBOX="0").program()
    refused = advance(program, by_s=60)
    assert (refused.status_code, refused.json["code"]) == (403, "not_a_sandbox")
    assert program.ask("GET", "/test_clock").json["offset_ms"] == 0
