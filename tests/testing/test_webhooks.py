"""The receiver of webhooks: what it takes, what it refuses, what it passes on, and what it says when nothing comes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from shared.testing.receiver import Webhooks, verified
from shared.testing.sandbox import Sandbox

SECRET = "whsec_" + base64.b64encode(b"a key of some thirty-two bytes...").decode()


@pytest.fixture
def receiver() -> Iterator[Webhooks]:
    """A receiver that no shop sends to."""
    made = Webhooks()
    made.secret = SECRET
    yield made
    made.close()


def event(type: str = "intent.captured", id: str = "pi_1", **more: str) -> dict[str, Any]:
    return {"id": "evt_1", "type": type, "data": {"object": {"id": id, **more}}}


def send(receiver: Webhooks, told: Any, secret: str = SECRET) -> int:
    body = json.dumps(told)
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("evt_1", now, body),
    }
    return httpx.post(receiver.url, content=body, headers=headers).status_code


def test_what_the_standard_library_of_webhooks_signs_is_taken(receiver: Webhooks) -> None:
    assert send(receiver, event()) == 204
    assert receiver.wait_for("intent.captured", "pi_1")["id"] == "evt_1"
    assert send(receiver, event("refund.succeeded", "rf_1", payment_intent="pi_1")) == 204
    assert receiver.wait_for("refund.succeeded", "pi_1") == receiver.wait_for("refund.succeeded", "rf_1")


def test_what_another_key_signed_is_refused_and_no_event(receiver: Webhooks) -> None:
    other = "whsec_" + base64.b64encode(b"another key of thirty-two bytes..").decode()
    assert send(receiver, event(), other) == 400
    assert receiver.events == []
    with pytest.raises(AssertionError, match="signature wrong"):
        receiver.wait_for("intent.captured", timeout_s=0)
    assert receiver.wait_for("intent.captured", answered=400)


def test_one_of_two_signatures_is_enough_and_no_other_version_is() -> None:
    body, now = b"{}", datetime.now(UTC)
    good = Webhook(SECRET).sign("evt_1", now, "{}")
    headers = {"Webhook-Id": "evt_1", "Webhook-Timestamp": str(int(now.timestamp()))}
    assert verified(SECRET, {**headers, "Webhook-Signature": f"v1,AAAA {good}"}, body)
    assert not verified(SECRET, {**headers, "Webhook-Signature": good.replace("v1,", "v1a,")}, body)
    assert not verified(SECRET, {**headers, "Webhook-Signature": good}, b"{ }")
    assert not verified(SECRET, headers, body)


def test_it_refuses_what_it_was_told_to_and_nothing_else(receiver: Webhooks) -> None:
    receiver.refuse_next("intent.captured", status=503)
    assert send(receiver, event("intent.created")) == 204
    assert [send(receiver, event()), send(receiver, event())] == [503, 204]
    assert receiver.wait_for("intent.captured", answered=503)


def test_the_shop_under_test_answers_and_what_it_raises_is_told(receiver: Webhooks) -> None:
    def shop(headers: Mapping[str, str], body: bytes) -> int:
        if json.loads(body)["type"] == "refund.succeeded":
            raise KeyError("no such order")
        return 202

    receiver.pass_on(shop)
    assert send(receiver, event()) == 202
    assert send(receiver, event("refund.succeeded")) == 500
    with pytest.raises(AssertionError, match="the shop raised KeyError: 'no such order'"):
        receiver.wait_for("refund.succeeded", timeout_s=0)


@pytest.mark.parametrize("told", [[], "text", {}, {"type": 1, "data": []}, {"data": {"object": None}}])
def test_what_is_no_event_hurts_nobody(receiver: Webhooks, told: Any) -> None:
    assert send(receiver, told) == 204
    with pytest.raises(AssertionError, match="came 0 times of 1"):
        receiver.wait_for("intent.captured", timeout_s=0)


def test_a_shop_of_one_test_hears_nothing_of_another_shop(sandbox: Sandbox) -> None:
    mine, other, phone = sandbox.shop(), sandbox.shop(), sandbox.phone()
    receiver = Webhooks()
    try:
        receiver.listen_to(mine)
        phone.pay(other.charge(100)["code"])
        phone.pay(mine.charge(200)["code"])
        heard = receiver.wait_for("intent.captured")
        assert heard["data"]["object"]["amount_minor"] == 200
        mine.remove_endpoint(receiver.endpoint)
    finally:
        receiver.close()
