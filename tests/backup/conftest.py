"""Places to back up from and to restore into, on either engine."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from shared.config import Config
from shared.db.store import Store
from tests.backup.life import live
from tests.backup.places import place
from tests.world import World

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def no_secret_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secrets of these tests lie in their data folders."""
    monkeypatch.delenv("SAOMA_SECRET", raising=False)


@pytest.fixture
def empty_postgres_url(postgres: str) -> Iterator[str]:
    """The URL of a PostgreSQL database without a table."""
    name = f"empty_{next(_numbers)}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    head, _, query = postgres.partition("?")
    yield head.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def home(database_url: str, tmp_path: Path) -> Config:
    """Where the world of `world` lives: its database on each engine in turn, its data folder, its secret."""
    return place(tmp_path / "home", url=database_url)


@pytest.fixture
def sqlite_home(sqlite_url: str, tmp_path: Path) -> Config:
    """The same on SQLite alone."""
    return place(tmp_path / "home", url=sqlite_url)


@pytest.fixture
def lived(sqlite_url: str, sqlite_home: Config) -> Config:
    """A home in which much has happened, closed: nobody has its database open."""
    store = Store(sqlite_url)
    live(World.install(store))
    store.close()
    return sqlite_home


@pytest.fixture(params=["sqlite", "postgres"])
def away(request: pytest.FixtureRequest, tmp_path: Path) -> Config:
    """Another machine with the same secret and no database yet, on each engine in turn."""
    url = request.getfixturevalue("empty_postgres_url") if request.param == "postgres" else None
    return place(tmp_path / "away", url=url)
