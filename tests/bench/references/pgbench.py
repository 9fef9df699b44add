"""pgbench's own TPC-B: the usual yardstick of a PostgreSQL server. Three updates, a select, an insert, a commit."""

from __future__ import annotations

import re

from tests.bench import servers
from tests.bench.measure import Measure

SCALE, CLIENTS, WORKERS = 20, 16, 2


def set_up(url: str, *, scale: int = SCALE) -> None:
    """Fill its four tables."""
    servers.run("pgbench", "-i", "-q", "-s", str(scale), url)


def tpc_b(url: str, *, seconds: int) -> Measure:
    """Its transactions per second, with the simple protocol and 16 clients."""
    said = servers.run("pgbench", "-n", "-c", str(CLIENTS), "-j", str(WORKERS), "-T", str(seconds), url)
    found = re.search(r"^tps = ([0-9.]+)", said, re.MULTILINE)
    if not found:
        raise ValueError(said)
    return Measure(float(found[1]))
