"""The wallet on a disk that is full or broken: not ready, payments refused in plain words, and then it recovers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from shared.codes.payloads import OrderKind
from shared.db.store import Store
from shared.payments import audit
from tests.crash import disk
from tests.crash.disk import Disk
from tests.crash.driver import Driver
from tests.wallet.conftest import Phone, good, refused
from tests.world import World

_numbers = itertools.count(1)


@pytest.fixture
def bad_disk() -> Iterator[Disk]:
    """The disk under the wallet, good until it is told otherwise."""
    one = Disk(f"wallet{next(_numbers)}")
    yield one
    one.trouble = None


@pytest.fixture
def wallet_store(sqlite_url: str, bad_disk: Disk) -> Iterator[Store]:
    """The wallet's store, on that disk."""
    store = Store(sqlite_url, driver=Driver(bad_disk.name))
    yield store
    bad_disk.trouble = None
    store.close()


def is_ready(client: FlaskClient) -> bool:
    answer = client.get("/readyz", headers={"Accept": "application/json"})
    if answer.status_code != 200:
        assert (answer.status_code, answer.get_json()["code"]) == (503, "store_unavailable")
    return answer.status_code == 200


def test_a_full_disk_is_said_and_survived(ana: Phone, li: Phone, bad_disk: Disk, world: World) -> None:
    order = ana.order(OrderKind.SEND, "li", 500)
    assert is_ready(ana.client)

    bad_disk.trouble = disk.full

    assert not is_ready(ana.client)
    told = refused(ana.ask("POST", "/api/orders", {"order": order}), "store_unavailable", 503)
    assert "Nothing was changed" in told["detail"]
    assert (ana.balance(), li.balance()) == (100_000, 100_000)
    assert good(ana.client.get("/healthz"))["status"] == "ok"

    bad_disk.trouble = None

    assert is_ready(ana.client)
    assert ana.post("/api/orders", {"order": order})["is_replay"] is False
    assert (ana.balance(), li.balance()) == (99_500, 100_500)
    assert world.store.read(audit.run).faults == []


def test_a_disk_that_cannot_sync_leaves_it_open_and_the_same_order_settles_it(
    ana: Phone, li: Phone, bad_disk: Disk, world: World
) -> None:
    order = ana.order(OrderKind.SEND, "li", 500)

    def no_sync(what: str, file: str) -> None:
        if what == "sync":
            disk.broken(what, file)

    bad_disk.trouble = no_sync
    told = refused(ana.ask("POST", "/api/orders", {"order": order}), "outcome_unknown", 503)
    assert "Do not pay again" in told["detail"]

    bad_disk.trouble = None
    ana.post("/api/orders", {"order": order})
    assert (ana.balance(), li.balance()) == (99_500, 100_500)
    assert world.store.read(audit.run).faults == []
