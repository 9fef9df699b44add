"""`kill -9` under load, before a commit, after it and at any moment: what was acknowledged is there, exactly once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from shared.db.store import Store
from shared.db.unit import Reader
from shared.payments.actions import Executed
from tests.crash import load
from tests.crash.payer import THREADS, Acknowledged, killed
from tests.crash.server import Server
from tests.examples import IS_FULL, share
from tests.world import World

IN_A_SERIES = 10
"""Kills of one database, one after the other; every series has a fresh one."""
SERIES = share("kills") // IN_A_SERIES
ON_POSTGRES = 12 if IS_FULL else 3
SERVER_STOPS = 8 if IS_FULL else 2
LATEST = 25
"""The last commit, or acknowledged order, at which a process dies."""
KINDS = ("store.before_commit", "store.committed", "store.before_commit", "store.committed", "any moment")


def kill_one(url: str, name: str, kind: str, chance: random.Random) -> list[Acknowledged]:
    nth = chance.randint(1, LATEST)
    if kind == "any moment":
        return killed(url, name, after=nth)
    return killed(url, name, fault=f"{kind}=kill@{nth}")


def check(store: Store, acknowledged: list[Acknowledged], *, entered: int, died: int) -> None:
    """Everything acknowledged is there once, the sums are exact, and little more than what was acknowledged is there.

    `entered` people have had a top-up; each of the threads that `died` may have had one order on its way.
    """
    assert load.missing(store, [one.transfer_id for one in acknowledged]) == set()
    assert load.faults(store) == []
    on_their_way = store.read(count_orders) - entered - len(acknowledged)
    assert 0 <= on_their_way <= died, f"{on_their_way} orders stand there that nobody was told of"


def check_replays(store: Store, acknowledged: list[Acknowledged]) -> None:
    """An acknowledged order that comes again is answered with what it did, and does nothing."""
    before = store.read(count_orders)
    answers = load.replayed(store, [one.frame for one in acknowledged])
    assert [(answer.transfer.id, answer.is_replay) for answer in answers if isinstance(answer, Executed)] == [
        (one.transfer_id, True) for one in acknowledged
    ]
    assert store.read(count_orders) == before


def count_orders(reader: Reader) -> int:
    [(count,)] = reader.sql.rows("SELECT count(*) FROM payments_order")
    return int(count)


def kill_and_check(url: str, kills: int, chance: random.Random) -> None:
    """Kill so many processes on one database, and look at it after each."""
    first = Store(url)
    World.install(first)
    first.close()
    acknowledged: list[Acknowledged] = []
    for number in range(kills):
        told = kill_one(url, str(number), KINDS[number % len(KINDS)], chance)
        acknowledged += told
        store = Store(url)
        try:
            check(store, acknowledged, entered=(number + 1) * THREADS, died=(number + 1) * THREADS)
            check_replays(store, told)
        finally:
            store.close()
    assert len(acknowledged) > kills, "hardly anything was acknowledged before the kills"


@pytest.mark.parametrize("series", range(SERIES))
def test_what_was_acknowledged_survives_the_kill_of_its_process(sqlite_url: str, series: int) -> None:
    kill_and_check(sqlite_url, IN_A_SERIES, random.Random(series))


def test_what_was_acknowledged_survives_the_kill_of_a_client_of_postgresql(postgres_url: str) -> None:
    kill_and_check(postgres_url, ON_POSTGRES, random.Random(70))


@pytest.fixture
def own_server(postgres: str) -> Iterator[Server]:
    """A PostgreSQL server that may be killed."""
    with Server.started() as server:
        yield server


def test_what_was_acknowledged_survives_the_kill_of_postgresql_itself(
    own_server: Server, open_store: Callable[[str], Store]
) -> None:
    """While people pay, the server is stopped without a word and started again; their orders go on until answered."""
    store = open_store(own_server.url)
    world = World.install(store)
    pairs = [load.Pair.enter(world, str(number)) for number in range(THREADS)]
    for pair in pairs:
        pair.asked = load.until_answered
    acknowledged: list[Acknowledged] = []
    stops = load.Stops()

    def done(frame: bytes, transfer_id: str) -> None:
        acknowledged.append(Acknowledged(frame, transfer_id))
        stops.went_on()

    def stop_again_and_again() -> None:
        try:
            for number in range(SERVER_STOPS):
                stops.wait_for_payments(5)
                own_server.die(is_sudden=number % 2 == 0)
                own_server.start()
            stops.wait_for_payments(5)
        finally:
            stops.is_over = True

    jobs = [lambda pair=pair: load.pay(pair, done, rounds=stops.rounds()) for pair in pairs]  # type: ignore[misc]
    load.together([*jobs, stop_again_and_again])

    check(store, acknowledged, entered=THREADS, died=0)
    check_replays(store, acknowledged)
