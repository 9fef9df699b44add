"""Places to back up from and to restore into, on either engine."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from shared.config import Config
from shared.db.store import Store
from tests.backup.life import live
from tests.backup.places import back_up, database_file, place
from tests.world import World

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def no_secret_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secrets of these tests lie in their data folders."""
    monkeypatch.delenv("SAOMA_SECRET", raising=False)


@pytest.fixture(autouse=True)
def nothing_half_done_lies_about(tmp_path: Path) -> Iterator[None]:
    """Neither a backup nor a restore leaves its scaffolding behind, however it ended."""
    yield
    left = [path.name for path in tmp_path.rglob("*") if ".partial" in path.name or ".restoring" in path.name]
    assert left == []


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


@pytest.fixture(scope="session")
def a_life(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database in which much has happened, and with a backup of it; to be copied."""
    folder = tmp_path_factory.mktemp("life")
    home = place(folder)
    shutil.copyfile(sqlite_template, database_file(home))
    with closing(Store(home.database_url)) as store:
        live(World.install(store))
    back_up(home, folder / "b.zip")
    return folder


@pytest.fixture
def lived(a_life: Path, tmp_path: Path) -> Config:
    """A home in which much has happened; nobody has its database open."""
    home = place(tmp_path / "lived")
    shutil.copyfile(a_life / "saoma.db", database_file(home))
    return home


@pytest.fixture
def backup(a_life: Path, tmp_path: Path) -> Path:
    """A good backup of `lived`, without the secret."""
    return Path(shutil.copy(a_life / "b.zip", tmp_path / "b.zip"))


@pytest.fixture(params=["sqlite", "postgres"])
def away(request: pytest.FixtureRequest, tmp_path: Path) -> Config:
    """Another machine with the same secret and no database yet, on each engine in turn."""
    url = request.getfixturevalue("empty_postgres_url") if request.param == "postgres" else None
    return place(tmp_path / "away", url=url)
