"""Stock: taken all or not at all, never below zero, put back; on both engines."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from merchant.catalog import actions, queries, stock
from merchant.catalog.fields import Fields
from merchant.catalog.queries import Item, ItemGone
from merchant.catalog.stock import SoldOut
from shared.db import outbox
from shared.db.store import Store
from shared.db.unit import UnitOfWork
from tests.world import Member, World


@pytest.fixture
def store(database_url: str, open_store: Callable[[str], Store]) -> Store:
    return open_store(database_url)


@pytest.fixture
def shop(store: Store) -> Member:
    return World.install(store).shop("corner-tea")


def put(store: Store, shop: Member, name: str, stock_minor: int | None) -> Item:
    return store.run(actions.add_item, shop_id=shop.id, item=Fields(name, 500, stock=stock_minor))


def left(store: Store, shop: Member, item: Item) -> int | None:
    return store.read(queries.item_of_shop, id=item.id, shop_id=shop.id).stock


def test_what_is_sold_is_taken_and_can_be_put_back(store: Store, shop: Member) -> None:
    bun, tea = put(store, shop, "Sesame bun", 5), put(store, shop, "Jasmine tea", None)
    store.run(stock.take, shop_id=shop.id, wanted={bun.id: 2, tea.id: 90})
    assert (left(store, shop, bun), left(store, shop, tea)) == (3, None)
    store.run(stock.put_back, shop_id=shop.id, wanted={bun.id: 2, tea.id: 90, "itm_x": 1})
    assert (left(store, shop, bun), left(store, shop, tea)) == (5, None)


def test_a_cart_that_wants_too_much_of_one_item_takes_nothing_of_any(store: Store, shop: Member) -> None:
    bun, tart = put(store, shop, "Sesame bun", 5), put(store, shop, "Egg tart", 1)
    with pytest.raises(SoldOut) as refused:
        store.run(stock.take, shop_id=shop.id, wanted={bun.id: 5, tart.id: 2})
    assert refused.value.params == {"name": "Egg tart", "left": 1}
    assert (left(store, shop, bun), left(store, shop, tart)) == (5, 1)


def test_an_archived_item_and_another_shops_item_are_gone(store: Store, shop: Member) -> None:
    bun = put(store, shop, "Sesame bun", 5)
    other = World(store).shop("noodles")
    with pytest.raises(ItemGone):
        store.run(stock.take, shop_id=other.id, wanted={bun.id: 1})
    store.run(actions.archive_item, shop_id=shop.id, id=bun.id, version=1)
    with pytest.raises(ItemGone):
        store.run(stock.take, shop_id=shop.id, wanted={bun.id: 1})
    store.run(stock.put_back, shop_id=shop.id, wanted={bun.id: 1})
    assert left(store, shop, bun) == 6


def test_of_many_hands_at_once_exactly_as_many_get_one_as_there_are(store: Store, shop: Member) -> None:
    bun = put(store, shop, "Sesame bun", 20)
    gate = threading.Barrier(16)

    def grab(_: int) -> int:
        gate.wait()
        got = 0
        for _ in range(3):
            try:
                store.run(stock.take, shop_id=shop.id, wanted={bun.id: 1})
                got += 1
            except SoldOut:
                pass
        return got

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(grab, range(16))) == 20
    assert left(store, shop, bun) == 0


def test_the_last_piece_and_the_first_one_back_are_told(store: Store, shop: Member) -> None:
    bun = put(store, shop, "Sesame bun", 2)
    start = store.read(outbox.last_seq)
    for wanted in ({bun.id: 1}, {bun.id: 1}):
        store.run(stock.take, shop_id=shop.id, wanted=wanted)
    store.run(stock.put_back, shop_id=shop.id, wanted={bun.id: 1})
    told = store.read(lambda reader: reader.sql.rows("SELECT name FROM db_event WHERE seq > :s ORDER BY seq", s=start))
    assert [name for (name,) in told] == ["item.sold_out", "item.changed"]


def test_the_database_itself_refuses_a_stock_below_zero(store: Store, shop: Member) -> None:
    bun = put(store, shop, "Sesame bun", 2)

    def force(uow: UnitOfWork) -> None:
        uow.sql.run("UPDATE catalog_item SET stock = -1 WHERE id = :id", id=bun.id)

    with pytest.raises(Exception, match="stock_in_range"):
        store.run(force)
