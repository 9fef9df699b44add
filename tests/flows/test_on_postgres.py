"""The same world on a server: two wallets and two tills share one PostgreSQL and nothing else."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from shared.payments import audit
from shared.phone.client import Phone
from tests.services import Services

PHONES = 8
SALES = 5


@pytest.fixture
def pairs(make_services: Callable[..., Services], postgres_url: str) -> list[Services]:
    """Two installations' worth of processes over one database and one secret."""
    first, second = (make_services(SAOMA_DATABASE_URL=postgres_url) for _ in range(2))
    first.seed()
    for name in ("till.json", "secret"):
        (second.data_dir / name).write_bytes((first.data_dir / name).read_bytes())
    for each in (first, second):
        each.start("wallet")
        each.start("merchant")
    return [first, second]


def heard(base_url: str, session: str) -> Iterator[tuple[str, dict[str, object]]]:
    """The events that a page hears from one process, from the first one on."""
    headers = {"Authorization": f"Bearer {session}", "Accept": "text/event-stream"}
    with httpx.stream("GET", f"{base_url}/events?after=0", headers=headers, timeout=30, trust_env=False) as answer:
        name = ""
        for line in answer.iter_lines():
            kind, _, value = line.partition(": ")
            if kind == "event":
                name = value
            elif kind == "data":
                yield name, json.loads(value)


def test_what_one_process_does_the_other_ones_pages_hear(pairs: list[Services]) -> None:
    first, second = pairs
    ana, li = first.phone("Ana"), second.phone("Li")
    news = heard(second.wallet, ana.session)
    assert next(news)[1]["amount_minor"] == 100_000, "her welcome money, made by the other process"
    paid = first.till().charge(1250)
    ana.pay(paid["code"])
    assert next(news)[0] == "transfer.posted"
    li.send(ana.handle, 500)
    assert next(news)[1]["amount_minor"] == 500
    assert second.till().status(paid["id"])["status"] == "captured"


def test_many_phones_on_all_processes_keep_one_dense_order(pairs: list[Services]) -> None:
    """Each process leads its own batches; the numbers of transfers and events have no gap and stand in commit order."""
    phones = [pairs[number % 2].phone(f"Phone {number}") for number in range(PHONES)]
    gate = threading.Barrier(PHONES)

    def work(phone: Phone) -> None:
        till = pairs[1 if phone.wallet.base_url == pairs[0].wallet else 0].till()
        gate.wait()
        for number in range(SALES):
            assert phone.pay(till.charge(100 + number)["code"])["status"] == "captured"

    with ThreadPoolExecutor(PHONES) as pool:
        list(pool.map(work, phones))
    for phone in phones:
        assert phone.balance()["balance_minor"] == 100_000 - sum(100 + number for number in range(SALES))
    store = pairs[0].store()
    try:
        report = store.read(audit.run)
        assert report.faults == []
        numbers = store.read(lambda reader: reader.sql.rows("SELECT seq, created_at FROM ledger_transfer ORDER BY seq"))
        events = store.read(lambda reader: reader.sql.rows("SELECT seq FROM db_event ORDER BY seq"))
    finally:
        store.close()
    assert [row[0] for row in numbers] == list(range(1, len(numbers) + 1))
    assert [row[0] for row in events] == list(range(1, len(events) + 1))
    assert len(numbers) >= PHONES * SALES


def test_a_killed_process_keeps_nobody_waiting(pairs: list[Services]) -> None:
    first, second = pairs
    ana, li = first.phone("Ana"), second.phone("Li")
    order = ana.order("send", li.handle, 700, "CNY")
    first.kill("wallet")
    li.send(ana.handle, 100)
    first.start("wallet")
    assert ana.send_order(order)["status"] == "posted"
    assert (ana.balance()["balance_minor"], li.balance()["balance_minor"]) == (99_400, 100_600)
