"""The sweeper's thread: it works by itself, outlives trouble, and ends when it is told to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from merchant import sweeper
from shared.db.unit import UnitOfWork
from shared.payments import intents
from shared.payments.states import IntentState
from tests.merchant.shop import Shop
from tests.world import SECRET


@pytest.fixture
def running(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    monkeypatch.setattr(sweeper, "EVERY_S", 0.02)
    stop = sweeper.start(shop.store, secret=SECRET)
    yield stop
    stop.set()
    for thread in threading.enumerate():
        if thread.name == "sweeper":
            thread.join()


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another thread brings about; a test that waits in vain fails."""
    never = threading.Event()
    for _ in range(1000):
        if condition():
            return
        never.wait(0.01)
    raise AssertionError("it did not come about within ten seconds")


def renamed(uow: UnitOfWork, *, old: str, new: str) -> None:
    uow.sql.run(f"ALTER TABLE {old} RENAME TO {new}")


def test_an_intent_expires_without_anybody_asking(shop: Shop, running: threading.Event) -> None:
    id = shop.browser().charge(1250).json["id"]
    shop.world.pass_time(intents.USUAL_TTL_S + 62)
    until(lambda: shop.intent(id).state is IntentState.EXPIRED)


def test_trouble_is_told_once_and_outlived(
    shop: Shop, running: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    id = shop.browser().charge(1250).json["id"]
    shop.store.run(renamed, old="payments_intent", new="payments_away")
    until(lambda: "cannot expire" in caplog.text)
    shop.store.run(renamed, old="payments_away", new="payments_intent")
    shop.world.pass_time(intents.USUAL_TTL_S + 62)
    until(lambda: shop.intent(id).state is IntentState.EXPIRED)
    assert caplog.text.count("cannot expire") == 1


def test_it_ends_when_it_is_told_to(running: threading.Event) -> None:
    running.set()
    until(lambda: not any(thread.name == "sweeper" for thread in threading.enumerate()))
