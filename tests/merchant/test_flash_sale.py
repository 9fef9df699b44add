"""A flash sale: many phones want what there are few of. As many are sold as there are; the others keep their money."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor

from merchant.catalog import actions, queries
from merchant.catalog.fields import Fields
from merchant.catalog.queries import Item
from shared.payments import audit
from tests.merchant.shop import Browser, Shop
from tests.world import Member

PHONES, PIECES, PRICE_MINOR, TILLS = 200, 50, 2_500, 8


class Rush:
    """Customers in a queue before several tills: each asks for one piece and pays it; every tenth thinks again."""

    def __init__(self, shop: Shop, item: Item) -> None:
        self.shop, self.item = shop, item
        self.bought: list[Member] = []
        self.left: list[Member] = []
        self.refused: list[Member] = []

    def serve(self, customers: list[Member], *, all_pay: bool) -> None:
        """Serve them all, at as many tills as there are, at once."""
        queue, gate = deque(enumerate(customers)), threading.Barrier(TILLS)
        browsers = [self.shop.browser() for _ in range(TILLS)]

        def till(browser: Browser) -> None:
            gate.wait()
            while queue:
                try:
                    number, customer = queue.popleft()
                except IndexError:
                    return
                self._one(browser, customer, thinks_again=not all_pay and number % 10 == 3)

        with ThreadPoolExecutor(TILLS) as pool:
            list(pool.map(till, browsers))

    def _one(self, browser: Browser, customer: Member, *, thinks_again: bool) -> None:
        charged = browser.sell({"item": self.item.id, "quantity": 1})
        if charged.status_code != 201:
            assert charged.json["code"] == "sold_out", charged.json
            self.refused.append(customer)
        elif thinks_again:
            assert browser.post(f"/api/sales/{charged.json['id']}/cancel").json["status"] == "canceled"
            self.left.append(customer)
        else:
            self.shop.paid_by(customer, charged.json["id"])
            self.bought.append(customer)


def test_two_hundred_phones_for_fifty_pieces_make_exactly_fifty_sales(shop: Shop) -> None:
    item = shop.store.run(
        actions.add_item, shop_id=shop.party.id, item=Fields("Moon cake box", PRICE_MINOR, stock=PIECES)
    )
    phones = [shop.world.person(f"phone{number}") for number in range(PHONES)]
    rush = Rush(shop, item)
    rush.serve(phones, all_pay=False)
    assert rush.left, "some codes were made and given back"
    while rush.refused and _stock(shop, item):
        waiting, rush.refused = rush.refused, []
        rush.serve(waiting, all_pay=True)

    assert (len(rush.bought), _stock(shop, item)) == (PIECES, 0)
    assert len(rush.bought) + len(rush.left) + len(rush.refused) == PHONES
    bought = {member.id for member in rush.bought}
    for phone in phones:
        assert shop.world.balance(phone) == 100_000 - (PRICE_MINOR if phone.id in bought else 0)
    assert shop.world.balance(shop.member) == PIECES * PRICE_MINOR
    captured = "SELECT count(*) FROM payments_intent WHERE state = 'captured'"
    assert shop.store.read(lambda reader: reader.sql.rows(captured)) == [(PIECES,)]
    assert shop.store.read(audit.run).faults == []


def _stock(shop: Shop, item: Item) -> int | None:
    return shop.store.read(queries.item_of_shop, id=item.id, shop_id=shop.party.id).stock
