"""Webhooks as a shop's server sees them: what is told, to whom, signed by which secret, how often, how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from standardwebhooks import WebhookVerificationError

from merchant.callbacks import actions, sender, trying, waiting
from merchant.callbacks.follower import Following
from merchant.webhooks.telling import WAITS_MS
from shared import clock
from tests.merchant.callbacks.conftest import Hooked
from tests.merchant.callbacks.receiver import Receiver, status
from tests.merchant.shop import Shop, open_shop
from tests.world import SECRET, Member, World

DAY_S = 86_400


def test_a_payment_is_told_of_in_the_shape_of_its_own_get(hooked: Hooked, ana: Member) -> None:
    id = hooked.created(reference="order-7")
    hooked.shop.paid_by(ana, id)
    hooked.send()
    assert hooked.told() == [("intent.created", id), ("intent.captured", id)]
    event = hooked.last().verified(hooked.secret)
    assert event["data"] == {"object": hooked.ask("GET", f"/payment_intents/{id}")}
    assert hooked.last().headers["webhook-id"] == event["id"]
    assert hooked.last().path == "/hook?shop=1"
    assert hooked.send() == 0, "each event is told once"


def test_an_altered_message_is_not_genuine(hooked: Hooked) -> None:
    hooked.created()
    hooked.send()
    came = hooked.last()
    forged = type(came)(came.path, came.headers, came.body.replace(b"1250", b"9250"))
    with pytest.raises(WebhookVerificationError):
        forged.verified(hooked.secret)


def test_an_endpoint_hears_what_it_asked_for_from_then_on(
    hooked: Hooked, make_receiver: Callable[[], Receiver]
) -> None:
    before = hooked.created()
    other = make_receiver()
    wanted = {"url": other.url, "events": ["intent.canceled"]}
    hooked.ask("POST", "/webhook_endpoints", wanted, 201)
    hooked.ask("POST", f"/payment_intents/{before}/cancel", {})
    hooked.created()
    hooked.send()
    assert [b"intent.canceled" in came.body for came in other.came] == [True]
    assert [kind for kind, _ in hooked.told()] == ["intent.created", "intent.canceled", "intent.created"]


def test_a_secret_is_rotated_with_two_signatures_meanwhile(hooked: Hooked) -> None:
    new = hooked.ask("POST", f"/webhook_endpoints/{hooked.endpoint}/rotate_secret", {"overlap_s": 3600})["secret"]
    assert new != hooked.secret
    hooked.created()
    hooked.send()
    assert hooked.last().verified(new) == hooked.last().verified(hooked.secret)
    hooked.advance(3600)
    hooked.created()
    hooked.send()
    hooked.last().verified(new)
    with pytest.raises(WebhookVerificationError):
        hooked.last().verified(hooked.secret)


def test_a_secret_is_shown_once(hooked: Hooked) -> None:
    assert hooked.secret.startswith("whsec_")
    told = hooked.ask("GET", f"/webhook_endpoints/{hooked.endpoint}") | hooked.ask("GET", "/webhook_endpoints")
    assert "secret" not in str(told).replace("old_secret_until", "")


def test_an_endpoint_that_is_switched_off_is_told_nothing(hooked: Hooked) -> None:
    address = f"/webhook_endpoints/{hooked.endpoint}"
    hooked.receiver.usual = status(500)
    hooked.created()
    hooked.send()
    assert hooked.health()["health"] == "failing"
    assert hooked.ask("POST", address, {"is_disabled": True})["disabled_why"] == "by_hand"
    assert [each["status"] for each in hooked.deliveries()] == ["dropped"]
    hooked.created()
    assert hooked.send() == 0
    hooked.receiver.usual = status(204)
    assert hooked.ask("POST", address, {"is_disabled": False})["health"] == "new"
    hooked.created()
    hooked.send()
    assert hooked.health()["health"] == "well"


def test_a_removed_endpoint_is_told_nothing_and_its_log_stays(hooked: Hooked) -> None:
    hooked.created()
    hooked.send()
    hooked.ask("DELETE", f"/webhook_endpoints/{hooked.endpoint}")
    hooked.created()
    assert hooked.send() == 0
    [sent] = hooked.deliveries()
    assert sent["status"] == "delivered"
    hooked.ask("POST", f"/webhook_deliveries/{sent['id']}/redeliver", {}, 409)
    hooked.ask("GET", f"/webhook_endpoints/{hooked.endpoint}", status=404)


def test_a_test_event_says_which_endpoint_it_reached(hooked: Hooked) -> None:
    sent = hooked.ask("POST", f"/webhook_endpoints/{hooked.endpoint}/test", {}, 201)
    assert sent["status"] == "pending"
    hooked.send()
    assert hooked.told() == [("webhook_endpoint.test", hooked.endpoint)]


def test_the_log_tells_what_was_sent_and_what_came_back(hooked: Hooked) -> None:
    hooked.receiver.answers = [status(503, body=b"later, please")]
    id = hooked.created()
    hooked.send()
    [sent] = hooked.deliveries(subject=id)
    [tried] = sent["attempts"]
    assert (tried["status"], tried["answer"], tried["error"]) == (503, "later, please", None)
    assert tried["sent_headers"]["webhook-signature"] == hooked.last().headers["webhook-signature"]
    assert sent["payload"] == hooked.last().verified(hooked.secret)
    assert (sent["status"], sent["type"]) == ("pending", "intent.created")
    assert hooked.ask("GET", "/webhook_deliveries?status=delivered")["data"] == []


def test_it_is_tried_ever_more_rarely_for_three_days_and_then_given_up(
    hooked: Hooked, make_receiver: Callable[[], Receiver]
) -> None:
    watching = make_receiver()
    hooked.ask("POST", "/webhook_endpoints", {"url": watching.url, "events": ["webhook_endpoint.disabled"]}, 201)
    hooked.only("intent.created")
    hooked.receiver.usual = status(500)
    id = hooked.created()
    tries = hooked.send()
    for wait_ms in WAITS_MS:
        hooked.advance(wait_ms / 2000)
        assert hooked.send() == 0, "not before its time"
        hooked.advance(wait_ms / 2000 + 1)
        tries += hooked.send()
    [sent] = hooked.deliveries(subject=id, type="intent.created")
    assert (sent["status"], sent["attempt_count"]) == ("failed", len(WAITS_MS) + 1)
    assert hooked.health()["disabled_why"] == "failing"
    assert b'"webhook_endpoint.disabled"' in watching.came[0].body
    hooked.created()
    assert hooked.send() == 0, "nobody is told who has failed for three days"


def test_a_clock_that_jumps_makes_one_try_and_no_hail_of_them(hooked: Hooked) -> None:
    hooked.only("intent.created")
    hooked.receiver.usual = status(500)
    hooked.created()
    hooked.send()
    hooked.advance(DAY_S)
    assert hooked.send() == 1
    hooked.receiver.usual = status(200)
    hooked.advance(DAY_S)
    hooked.send()
    assert [each["status"] for each in hooked.deliveries(type="intent.created")] == ["delivered"]
    assert hooked.health()["failing_since"] is None


def test_what_was_given_up_is_sent_again_by_hand_under_the_same_id(hooked: Hooked) -> None:
    hooked.created()
    hooked.send()
    [sent] = hooked.deliveries()
    hooked.ask("POST", f"/webhook_deliveries/{sent['id']}/redeliver", {})
    assert hooked.send() == 1
    first, second = hooked.receiver.came
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    [again] = hooked.deliveries()
    assert [each["number"] for each in again["attempts"]] == [1, 2]


def test_what_waits_goes_to_the_new_address(hooked: Hooked, make_receiver: Callable[[], Receiver]) -> None:
    hooked.receiver.usual = status(404)
    hooked.created()
    hooked.send()
    elsewhere = make_receiver()
    hooked.ask("POST", f"/webhook_endpoints/{hooked.endpoint}", {"url": elsewhere.url})
    hooked.advance(60)
    hooked.send()
    assert len(elsewhere.came) == 1


def test_who_says_gone_is_asked_no_more(hooked: Hooked) -> None:
    hooked.receiver.usual = status(410)
    hooked.created()
    hooked.created()
    hooked.send()
    assert hooked.health()["disabled_why"] == "gone"
    assert [each["status"] for each in hooked.deliveries()] == ["dropped", "dropped"]
    assert len(hooked.receiver.came) == 1


def test_two_processes_tell_each_event_once(hooked: Hooked) -> None:
    both = [Following(hooked.shop.store, hooked.shop.config) for _ in range(2)]
    for _ in range(3):
        hooked.created()
        for each in both:
            each.catch_up()
    hooked.send()
    assert len(hooked.receiver.came) == 3


def test_what_a_killed_service_was_sending_is_sent_by_the_next(hooked: Hooked) -> None:
    hooked.created()
    Following(hooked.shop.store, hooked.shop.config).catch_up()
    then = clock.system_now() - trying.CLAIM_MS
    [due] = hooked.shop.store.read(waiting.due, machine_now=then, busy={}, room=9)
    hooked.shop.store.run(trying.claim, wanted=[due], machine_now=then + 60_000)
    assert hooked.send() == 0, "somebody is at it"
    hooked.shop.store.run(lambda uow: uow.sql.run("UPDATE callbacks_delivery SET claimed_until = :at", at=then))
    assert hooked.send() == 1
    assert len(hooked.told()) == 1


def test_it_is_the_same_on_both_engines(
    world: World, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    shop: Shop = open_shop(world.store, tmp_path / "data")
    program = shop.program()
    made = program.ask("POST", "/webhook_endpoints", {"url": receiver.url}).json
    hooked = Hooked(shop, program, receiver, made["id"], made["secret"])
    hooked.ask("POST", "/test_faults", {"fault": "twice", "times": 1})
    receiver.answers = [status(500)]
    id = hooked.created()
    hooked.send()
    hooked.advance(5)
    hooked.send()
    assert hooked.told() == [("intent.created", id)] * 2
    [sent] = hooked.deliveries()
    assert (sent["status"], sent["fault"]) == ("delivered", "twice")
    hooked.advance(31 * DAY_S)
    hooked.send()
    kept = hooked.ask("GET", "/webhook_deliveries")["data"]
    world.store.run(actions.prune)
    left = hooked.ask("GET", "/webhook_deliveries")["data"]
    assert len(left) < len(kept)


def test_faults_of_a_sandbox_end_with_it(hooked: Hooked) -> None:
    hooked.ask("POST", "/test_faults", {"fault": "dropped"})
    config = replace(hooked.shop.config, is_sandbox=False)
    sender.Sender(hooked.shop.store, config=config, secret=SECRET).step()
    assert hooked.ask("GET", "/test_faults")["data"] == []
