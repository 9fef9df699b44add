"""What the wallet's rooms ask of the database in words of their own, on each engine in turn."""

from __future__ import annotations

import pytest

from shared.codes.payloads import OrderKind
from shared.db.store import Store
from tests.world import World
from wallet.asking import queries as asking


@pytest.fixture
def world(store: Store) -> World:
    return World.install(store)


def test_money_goes_back_to_the_bank_on_either_engine(world: World) -> None:
    ana = world.person("ana")
    world.execute(world.prepared(world.frame(ana, OrderKind.WITHDRAW, "saoma", 40_000)))

    assert world.balance(ana) == 60_000
    assert world.store.read(asking.waiting_for, party_id=ana.id) == []
    assert world.store.read(asking.waiting_for, party_id=ana.id, asker_id="x") == []
    assert world.store.read(asking.asked_by, party_id=ana.id) == []
    assert world.store.read(asking.closed_among, jtis=["00"]) == {}
    assert world.store.read(asking.takes_requests, party_id=ana.id)
