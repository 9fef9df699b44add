"""The sender at work: several receivers at once, thousands of messages, a service that is killed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest

from merchant.callbacks import actions, kinds, sender
from merchant.callbacks.waiting import AT_ONE_PLACE
from merchant.webhooks.actions import KIND
from shared.db.unit import UnitOfWork
from tests.examples import IS_FULL
from tests.merchant.callbacks.conftest import Hooked
from tests.merchant.callbacks.receiver import Receiver
from tests.services import Services
from tests.world import SECRET

QUEUED = 10_000 if IS_FULL else 120


@pytest.fixture
def at_work(hooked: Hooked) -> Iterator[None]:
    """The sender's own thread, as the served till has it."""
    stop = sender.start(hooked.shop.store, config=hooked.shop.config, secret=SECRET)
    yield
    stop.set()


def queue_many(uow: UnitOfWork, *, hooked: Hooked, count: int) -> None:
    for number in range(count):
        actions.enqueue(
            uow, shop_id=hooked.shop.party.id, kind=KIND, url=hooked.receiver.url, payload="{}",
            subject="test", endpoint_id=hooked.endpoint, event_id=f"evt_{number}",
        )  # fmt: skip


def hang(end: threading.Event) -> None:
    """Keep whoever called waiting, until the test is over."""
    end.wait(60)


@pytest.mark.usefixtures("at_work")
def test_a_receiver_that_hangs_holds_up_nobody_else(hooked: Hooked, make_receiver: Callable[[], Receiver]) -> None:
    hanging, end = make_receiver(), threading.Event()

    hanging.usual = lambda _line: hang(end)
    hooked.ask("POST", "/webhook_endpoints", {"url": hanging.url}, 201)
    for _ in range(2 * AT_ONE_PLACE):
        hooked.created()
    hooked.receiver.wait_for(2 * AT_ONE_PLACE)
    end.set()
    assert hanging.connections <= AT_ONE_PLACE, "few wait at one receiver"


@pytest.mark.usefixtures("at_work")
def test_a_long_queue_goes_out_while_the_till_works_on(hooked: Hooked) -> None:
    hooked.shop.store.run(queue_many, hooked=hooked, count=QUEUED)
    made = 0
    while len(hooked.receiver.came) < QUEUED:
        hooked.created()
        made += 1
        hooked.receiver.wait_for(min(QUEUED, len(hooked.receiver.came) + 10))
    assert made
    hooked.receiver.wait_for(QUEUED + made, timeout_s=60)
    assert set(Counter(came.headers["webhook-id"] for came in hooked.receiver.came).values()) == {1}


@pytest.mark.usefixtures("at_work")
def test_a_kind_that_breaks_holds_up_nobody_else(hooked: Hooked, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a fault of this kind's own")

    usual = kinds.by_name(KIND)
    monkeypatch.setitem(kinds._known, "broken", replace(usual, name="broken", after=broken))
    told = {"shop_id": hooked.shop.party.id, "url": hooked.receiver.url, "payload": "{}", "subject": "test"}
    hooked.shop.store.run(actions.enqueue, kind="broken", endpoint_id=hooked.endpoint, **told)
    hooked.receiver.wait_for(1)
    hooked.created()
    hooked.receiver.wait_for(2)
    hooked.created()
    hooked.receiver.wait_for(3)


@pytest.mark.skipif(not IS_FULL, reason="waits until a dead process's claim has lapsed: in the full proof")
def test_a_till_that_is_killed_in_the_middle_of_a_delivery_delivers_it_when_it_is_back(
    services: Services, receiver: Receiver
) -> None:
    end = threading.Event()
    receiver.answers = [lambda _line: hang(end)]
    bearer = {"Authorization": f"Bearer {services.till_key()}"}
    with httpx.Client(base_url=f"{services.merchant}/v1", headers=bearer) as till:
        secret = till.post("/webhook_endpoints", json={"url": receiver.url}).json()["secret"]
        till.post("/payment_intents", json={"amount_minor": 1250}).raise_for_status()
    [first] = receiver.wait_for(1)
    services.kill("merchant")
    services.start("merchant")
    _, second = receiver.wait_for(2, timeout_s=60)
    end.set()
    assert first.verified(secret) == second.verified(secret)
