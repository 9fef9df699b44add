"""Lists of /v1: pages forth and back, filters, expanded fields, and what becomes of a cursor that is not the list's."""

from __future__ import annotations

import re
from typing import Any

import pytest

from merchant.keys import actions as keys
from shared.disputes import actions as disputes
from shared.settlement import actions as settlement
from shared.settlement import payouts
from tests.merchant.shop import Program, Shop
from tests.world import SECRET, Member

LISTS = [
    "payment_intents", "refunds", "settlement_batches", "payouts", "disputes", "events", "customers",
]  # fmt: skip


@pytest.fixture
def busy(shop: Shop, program: Program) -> Shop:
    """A shop with five of everything: payers, sales, refunds, disputes, and two batches with payouts."""
    payers = [shop.world.person(name) for name in ("bill", "cleo", "dora", "emil", "flo")]
    for number, payer in enumerate(payers):
        sold = program.create(1000 + number, reference=f"T-{number}").json["id"]
        shop.paid_by(payer, sold)
        program.ask("POST", "/refunds", {"payment_intent": sold, "amount_minor": 100})
        shop.store.run(
            disputes.open_dispute, payer_id=payer.id, intent_id=sold, reason="other", words="Cold", amount_minor=100
        )
        settlement.settle(shop.store, cutoff_at=None, secret=SECRET)
    return shop


def get(program: Program, path: str) -> Any:
    answer = program.ask("GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json


def refusal(program: Program, path: str) -> tuple[int, str]:
    answer = program.ask("GET", path)
    return answer.status_code, answer.json["code"]


def test_every_list_is_paged_forth_and_back_without_a_gap(busy: Shop, program: Program) -> None:
    for name in LISTS:
        everything = [each["id"] for each in get(program, f"/{name}?limit=100")["data"]]
        assert len(everything) >= 5, name
        forth: list[str] = []
        while True:
            after = f"&starting_after={forth[-1]}" if forth else ""
            page = get(program, f"/{name}?limit=2{after}")
            assert (page["object"], page["url"]) == ("list", f"/v1/{name}")
            forth += [each["id"] for each in page["data"]]
            assert page["has_more"] is (len(forth) < len(everything))
            if not page["has_more"]:
                break
        assert forth == everything, name
        before = get(program, f"/{name}?limit=2&ending_before={everything[-1]}")
        assert [each["id"] for each in before["data"]] == everything[-3:-1], name
        assert before["has_more"] is True
        assert get(program, f"/{name}?ending_before={everything[0]}")["data"] == []


def test_what_is_made_meanwhile_moves_no_page(busy: Shop, program: Program) -> None:
    first = get(program, "/payment_intents?limit=2")["data"]
    expected = [each["id"] for each in get(program, "/payment_intents")["data"]][2:4]
    program.create(1)
    second = get(program, f"/payment_intents?limit=2&starting_after={first[-1]['id']}")["data"]
    assert [each["id"] for each in second] == expected


def test_a_cursor_of_another_list_or_shop_is_refused(busy: Shop, program: Program) -> None:
    rival = busy.world.shop("noodles")
    key = "sk_test_" + "n" * 40
    busy.store.run(keys.issue, shop_id=rival.id, key=key, name="test")
    foreign = busy.program(key)
    cursors = {name: get(program, f"/{name}")["data"][0]["id"] for name in LISTS}
    for name in LISTS:
        for way in ("starting_after", "ending_before"):
            for other in {*cursors.values(), "", "x", "pi_x", "☕"} - {cursors[name]}:
                assert refusal(program, f"/{name}?{way}={other}") == (400, "bad_cursor"), (name, other)
            assert refusal(foreign, f"/{name}?{way}={cursors[name]}") == (400, "bad_cursor"), name
        assert get(foreign, f"/{name}")["data"] == []
    batch = cursors["settlement_batches"]
    assert refusal(program, f"/settlement_batches/{batch}/lines?starting_after={cursors['events']}")[1] == "bad_cursor"


def test_a_query_that_says_something_else_is_refused(program: Program) -> None:
    for query in (
        "limit=0", "limit=101", "limit=-1", "limit=1.0", "limit=", "limit=٣", "limit=1&limit=2", "page=2", "state=paid",
        "status=paid", "created_from=yesterday", "created_from=99999-01-01", "limit=1&%00=1", "created_before=",
    ):  # fmt: skip
        assert refusal(program, f"/payment_intents?{query}") == (400, "bad_input"), query


def test_both_cursors_at_once_are_refused(busy: Shop, program: Program) -> None:
    id = get(program, "/payment_intents")["data"][0]["id"]
    assert refusal(program, f"/payment_intents?starting_after={id}&ending_before={id}") == (400, "bad_input")


def test_intents_are_found_by_status_reference_customer_and_time(busy: Shop, program: Program) -> None:
    waiting = program.create(5, reference="T-1", ttl_s=15).json
    assert [each["id"] for each in get(program, "/payment_intents?status=requires_payment")["data"]] == [waiting["id"]]
    assert len(get(program, "/payment_intents?status=captured")["data"]) == 5
    assert len(get(program, "/payment_intents?reference=T-1")["data"]) == 2
    assert len(get(program, "/payment_intents?reference=T-1&status=captured")["data"]) == 1
    [oldest] = get(program, "/payment_intents?limit=100")["data"][-1:]
    assert get(program, f"/payment_intents?created_before={oldest['created_at']}")["data"] == []
    assert len(get(program, f"/payment_intents?created_from={oldest['created_at']}")["data"]) == 6
    customer = get(program, "/customers?limit=1")["data"][0]
    [theirs] = get(program, f"/payment_intents?customer={customer['id']}")["data"]
    assert theirs["reference"] == "T-4"
    assert refusal(program, "/payment_intents?customer=cus_x") == (404, "unknown_customer")
    busy.world.pass_time(120)  # nobody has swept: readers see it as it is all the same
    assert get(program, "/payment_intents?status=requires_payment")["data"] == []
    assert [each["id"] for each in get(program, "/payment_intents?status=expired")["data"]] == [waiting["id"]]


def test_what_is_asked_for_is_told_whole(busy: Shop, program: Program) -> None:
    wanted = "expand[]=transfer&expand[]=refunds&expand[]=payer&expand[]=disputes"
    intent = get(program, f"/payment_intents?reference=T-0&{wanted}")["data"][0]
    assert intent == get(program, f"/payment_intents/{intent['id']}?{wanted}")
    assert intent["transfer"]["amount_minor"] == 1000
    assert [each["amount_minor"] for each in intent["refunds"]] == [100]
    assert (intent["payer"]["name"], intent["payer"]["captured_minor"]) == ("B***", 1000)
    assert [each["status"] for each in intent["disputes"]] == ["open"]
    refund = get(program, "/refunds?limit=1&expand[]=payment_intent&expand[]=transfer")["data"][0]
    assert (refund["payment_intent"]["reference"], refund["transfer"]["amount_minor"]) == ("T-4", 100)
    payout = get(program, "/payouts?limit=1&expand[]=settlement_batch")["data"][0]
    batch = get(program, f"/settlement_batches/{payout['settlement_batch']['id']}?expand[]=payout")
    assert batch["payout"]["id"] == payout["id"]
    dispute = get(program, "/disputes?limit=1&expand[]=payment_intent")["data"][0]
    assert dispute["payment_intent"]["reference"] == "T-4"
    for path in ("/payment_intents", f"/payment_intents/{intent['id']}", "/refunds", "/payouts"):
        assert refusal(program, f"{path}?expand[]=shop_secret") == (400, "bad_expand")


def test_nothing_tells_who_a_customer_is(busy: Shop, program: Program) -> None:
    people = ("Bill", "Cleo", "Dora", "Emil", "Flo")  # ids have neither i, l nor o
    for name in LISTS:
        told = str(get(program, f"/{name}?limit=100"))
        assert "usr_" not in told, name
        assert not re.findall(rf"\b(?:{'|'.join(people)})\b", told, re.IGNORECASE), name


def test_a_customer_has_another_name_at_every_shop_and_keeps_it(busy: Shop, program: Program, ana: Member) -> None:
    for _ in range(2):
        busy.paid_by(ana, program.create(700).json["id"])
    first, *_ = get(program, "/customers")["data"]
    assert first["name"] == "A***"
    assert (first["payments"], first["captured_minor"], first["refunded_minor"]) == (2, 1400, 0)
    assert get(program, f"/customers/{first['id']}") == first
    rival = busy.world.shop("noodles")
    key = "sk_test_" + "n" * 40
    busy.store.run(keys.issue, shop_id=rival.id, key=key, name="test")
    busy.world.execute(busy.world.payment(ana, busy.world.intent(rival, 100), rival))
    foreign = busy.program(key)
    [there] = get(foreign, "/customers")["data"]
    assert there["name"] == "A***"
    assert there["id"] != first["id"]
    assert refusal(foreign, f"/customers/{first['id']}") == (404, "unknown_customer")


def test_a_batch_adds_up_and_its_file_is_the_tills(busy: Shop, program: Program) -> None:
    batch = get(program, "/settlement_batches?limit=1")["data"][0]
    lines = get(program, f"/settlement_batches/{batch['id']}/lines")["data"]
    assert sum(line["amount_minor"] for line in lines if line["kind"] == "sale") == batch["gross_minor"]
    assert sum(line["fee_minor"] for line in lines) == batch["fee_minor"]
    answer = program.ask("GET", f"/settlement_batches/{batch['id']}/file")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.data == busy.browser().get(f"/money/batches/{batch['id']}/file").data
    payout = get(program, f"/payouts/{batch['payout']}")
    assert (payout["status"], payout["amount_minor"]) == ("in_transit", batch["net_minor"])
    busy.store.run(payouts.mark_returned, batch_id=batch["id"], reason="Account closed", secret=SECRET)
    returned = get(program, "/payouts?status=returned")["data"]
    assert [(each["id"], each["return_reason"]) for each in returned] == [(payout["id"], "Account closed")]


def test_a_dispute_is_answered_and_another_accepted(busy: Shop, program: Program) -> None:
    first, second, *_ = get(program, "/disputes?status=open")["data"]
    said = {"words": "It was hot when it left us"}
    answered = program.ask("POST", f"/disputes/{first['id']}/answer", said, "answer-1")
    assert (answered.status_code, answered.json["status"], answered.json["answer"]) == (200, "answered", said["words"])
    again = program.ask("POST", f"/disputes/{first['id']}/answer", said, "answer-1")
    assert again.data == answered.data
    assert program.ask("POST", f"/disputes/{first['id']}/answer", said).json["code"] == "dispute_answered"
    accepted = program.ask("POST", f"/disputes/{second['id']}/accept")
    assert (accepted.json["status"], accepted.json["paid_minor"], accepted.json["decided_by"]) == ("lost", 100, "shop")
    assert [each["id"] for each in get(program, "/disputes?status=lost")["data"]] == [second["id"]]
    assert "Answered a dispute" in busy.browser().get("/activity").text


def test_events_are_found_by_type_and_by_id(busy: Shop, program: Program) -> None:
    captured = get(program, "/events?type=intent.captured&limit=100")["data"]
    assert len(captured) == 5
    assert get(program, f"/events/{captured[0]['id']}") == captured[0]
    assert captured[0]["data"]["object"] == get(program, f"/payment_intents/{captured[0]['data']['object']['id']}")
    assert refusal(program, "/events?type=transfer.posted") == (400, "bad_input")
    [hidden, *_] = busy.store.read(
        lambda reader: reader.sql.rows("SELECT id FROM db_event WHERE name = 'transfer.posted'")
    )[0]
    assert refusal(program, f"/events/{hidden}") == (404, "unknown_event")


def test_an_unpaid_intent_says_something_else(shop: Shop, program: Program, ana: Member) -> None:
    made = program.create(500, memo="Tea", metadata={"table": "7", "guest": "2"}).json
    assert made["metadata"] == {"table": "7", "guest": "2"}
    path = f"/payment_intents/{made['id']}"
    changed = program.ask("POST", path, {"memo": "Two teas", "metadata": {"table": "8", "guest": None}}).json
    assert changed == made | {"memo": "Two teas", "metadata": {"table": "8"}}
    assert get(program, path) == changed
    assert get(program, "/events?type=intent.updated")["data"][0]["data"]["object"] == changed
    shop.paid_by(ana, made["id"])
    late = program.ask("POST", path, {"memo": "Three"})
    assert (late.status_code, late.json["code"]) == (409, "already_paid")
    noted = program.ask("POST", path, {"metadata": {"shipped": "yes"}})
    assert (noted.status_code, noted.json["metadata"]) == (200, {"table": "8", "shipped": "yes"})


def test_metadata_that_does_not_fit_is_refused(program: Program) -> None:
    for metadata in (
        {"x" * 41: "1"}, {"": "1"}, {"x": "1" * 501}, {"x": 1}, {"x": {"y": "z"}}, [["x", "1"]], "x", {"x": "\x00"},
        {"x": "\ud800"}, {f"n{number}": "1" for number in range(21)},
    ):  # fmt: skip
        answer = program.create(500, metadata=metadata)
        assert (answer.status_code, answer.json["code"]) == (400, "bad_metadata"), metadata
