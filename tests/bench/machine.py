"""What was measured on: processor, system, versions, and how fast this disk makes a small write durable."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from pathlib import Path

from shared.db.engine import sqlite_driver

_PAGE = b"\x5a" * 4096


def describe(folder: Path) -> dict[str, str]:
    """Name → value, in the order in which a reader wants them. `folder` lies on the disk that is measured."""
    return {
        "processor": f"{os.cpu_count()} x {_processor()}",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": str(sqlite_driver().sqlite_version),
        "postgresql": _postgresql(),
        "fdatasync": f"{sync_rate(folder):,.0f}/s (4 kB appended, made durable each time)",
        "load": f"{os.getloadavg()[0]:.1f} at the start: other work on the machine makes the figures smaller",
        "date": time.strftime("%Y-%m-%d"),
        "commit": _commit(),
    }


def sync_rate(folder: Path, *, seconds: float = 0.5) -> float:
    """How many small appends this disk makes durable in a second."""
    path = folder / "sync"
    with open(path, "wb", buffering=0) as file:
        begun, count = time.perf_counter(), 0
        while time.perf_counter() - begun < seconds:
            file.write(_PAGE)
            os.fdatasync(file.fileno())
            count += 1
        rate = count / (time.perf_counter() - begun)
    path.unlink()
    return rate


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _postgresql() -> str:
    try:
        from tests.bench import servers

        return servers.run("postgres", "--version").split()[-1]
    except (ImportError, OSError, subprocess.SubprocessError):
        return "not here"


def _commit() -> str:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=Path(__file__).parent, capture_output=True, text=True
    )
    return found.stdout.strip() or "unknown"
