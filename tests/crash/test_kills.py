"""`kill -9` under load, before a commit, after it and at any moment: what was acknowledged is there, exactly once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.config import Config, from_environment
from shared.db.store import Store
from shared.db.unit import Reader
from shared.payments import sealing
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


def installation(url: str, folder: Path) -> Config:
    """The settings of a new installation on this database."""
    config = from_environment({"SAOMA_DATABASE_URL": url, "SAOMA_DATA_DIR": str(folder)})
    store = Store(url)
    World.install(store)
    store.close()
    return config


def kill_one(config: Config, name: str, kind: str, chance: random.Random) -> list[Acknowledged]:
    nth = chance.randint(1, LATEST)
    if kind == "any moment":
        return killed(config, name, after=nth)
    return killed(config, name, fault=f"{kind}=kill@{nth}")


def check(store: Store, config: Config, acknowledged: list[Acknowledged], *, entered: int, died: int) -> None:
    """Everything acknowledged is there once, the sums are exact, and little more than what was acknowledged is there.

    `entered` people have had a top-up; each of the threads that `died` may have had one order on its way. A service
    would start on it: the head that was filed is in it.
    """
    sealing.guard(store, config=config)
    assert load.missing(store, [one.transfer_id for one in acknowledged]) == set()
    assert load.faults(store, config) == []
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


def kill_and_check(config: Config, kills: int, chance: random.Random) -> None:
    """Kill so many processes on one database, and look at it after each."""
    acknowledged: list[Acknowledged] = []
    for number in range(kills):
        told = kill_one(config, str(number), KINDS[number % len(KINDS)], chance)
        acknowledged += told
        store = Store(config.database_url)
        try:
            check(store, config, acknowledged, entered=(number + 1) * THREADS, died=(number + 1) * THREADS)
            check_replays(store, told)
        finally:
            store.close()
    assert len(acknowledged) > kills, "hardly anything was acknowledged before the kills"


@pytest.mark.parametrize("series", range(SERIES))
def test_what_was_acknowledged_survives_the_kill_of_its_process(sqlite_url: str, tmp_path: Path, series: int) -> None:
    kill_and_check(installation(sqlite_url, tmp_path), IN_A_SERIES, random.Random(series))


def test_what_was_acknowledged_survives_the_kill_of_a_client_of_postgresql(postgres_url: str, tmp_path: Path) -> None:
    kill_and_check(installation(postgres_url, tmp_path), ON_POSTGRES, random.Random(70))


def test_an_answer_before_the_commit_would_be_found_out(sqlite_url: str, tmp_path: Path) -> None:
    """The control: with the same kills, whoever tells of orders before they are committed has told of too much."""
    config = installation(sqlite_url, tmp_path)
    told = [
        one
        for nth in range(6, 9)
        for one in killed(config, str(nth), fault=f"store.before_commit=kill@{nth}", is_hasty=True)
    ]
    store = Store(sqlite_url)
    try:
        assert load.missing(store, [one.transfer_id for one in told])
        assert load.faults(store, config) == []
    finally:
        store.close()


@pytest.fixture
def own_server(postgres: str) -> Iterator[Server]:
    """A PostgreSQL server that may be killed."""
    with Server.started() as server:
        yield server


def test_what_was_acknowledged_survives_the_kill_of_postgresql_itself(
    own_server: Server, open_store: Callable[[str], Store], tmp_path: Path
) -> None:
    """While people pay, the server is stopped without a word and started again; their orders go on until answered."""
    config = installation(own_server.url, tmp_path)
    store = open_store(own_server.url)
    world = World(store)
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

    check(store, config, acknowledged, entered=THREADS, died=0)
    check_replays(store, acknowledged)
