"""Many phones at once: everyone is served, the sums are exact, commits are shared, an intent is paid once."""

from __future__ import annotations

import re
import threading
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from shared.payments import audit
from shared.phone.client import Phone, Refused
from tests.services import Services, free_port
from tests.world import World

PHONES = 50
ROUNDS = 200


def metric(address: str, name: str) -> float:
    with urllib.request.urlopen(f"{address}/metrics", timeout=10) as answer:
        found = re.search(rf"^{name}(?:_total)? ([0-9.e+]+)$", answer.read().decode(), re.M)
    assert found, name
    return float(found.group(1))


def test_fifty_phones_pay_at_once_and_share_commits(services: Services) -> None:
    till = services.till()
    with ThreadPoolExecutor(PHONES) as pool:
        phones = list(pool.map(lambda n: services.phone(f"Phone {n}"), range(PHONES)))
        sales = [till.charge(100 + number) for number in range(PHONES)]
        orders = [phone.order_for(sale["code"]) for phone, sale in zip(phones, sales, strict=True)]
        before = metric(services.wallet, "saoma_store_actions"), metric(services.wallet, "saoma_store_commits")
        gate = threading.Barrier(PHONES)

        def pay(phone: Phone, order: str) -> str:
            gate.wait()
            return str(phone.send_order(order)["status"])

        assert set(pool.map(pay, phones, orders)) == {"captured"}
    actions = metric(services.wallet, "saoma_store_actions") - before[0]
    commits = metric(services.wallet, "saoma_store_commits") - before[1]
    assert actions >= PHONES
    assert actions > commits, f"{actions} actions in {commits} commits"

    assert {till.status(sale["id"])["status"] for sale in sales} == {"captured"}
    for number, phone in enumerate(phones):
        assert phone.balance()["balance_minor"] == 100_000 - 100 - number
    store = services.store()
    try:
        assert store.read(audit.run).faults == []
    finally:
        store.close()


def test_two_phones_on_two_wallet_processes_never_both_pay_one_intent(
    make_services: Callable[..., Services],
) -> None:
    """The same database, two processes, one intent, one moment, 200 times."""
    services = make_services()
    services.start("wallet")
    second = make_services()
    second.environ |= {name: value for name, value in services.environ.items() if name != "SAOMA_WALLET_PORT"}
    second.environ["SAOMA_WALLET_PORT"] = str(free_port())
    second.start("wallet")
    phones = [services.phone("Ana"), second.phone("Li")]
    store = services.store()
    try:
        world = World(store)
        shop = world.shop("tea")
        won = [0, 0]
        with ThreadPoolExecutor(2) as pool:
            for _ in range(ROUNDS):
                intent = world.intent(shop, 7)
                orders = [
                    phone.order("pay", shop.handle, 7, "CNY", subject=bytes.fromhex(intent.jti)) for phone in phones
                ]
                gate = threading.Barrier(2)

                def pay(phone: Phone, order: str, gate: threading.Barrier = gate) -> str:
                    gate.wait()
                    try:
                        return str(phone.send_order(order)["status"])
                    except Refused as refusal:
                        return refusal.code

                outcomes = list(pool.map(pay, phones, orders))
                assert sorted(outcomes) == ["already_paid", "captured"], outcomes
                won[outcomes.index("captured")] += 1
        assert sum(won) == ROUNDS
        assert [phone.balance()["balance_minor"] for phone in phones] == [100_000 - 7 * count for count in won]
        assert world.balance(shop) == 7 * ROUNDS
        assert store.read(audit.run).faults == []
    finally:
        store.close()
