"""`run.py bench`: start the benchmark, which lives with the tests (tests/bench), in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main(argv: list[str]) -> int:
    """Measure what the arguments ask for; the benchmark's exit code."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SAOMA_")}
    environ["PYTHONPATH"] = str(ROOT)
    command = [sys.executable, "-P", "-m", "tests.bench", *argv]  # -P: not what happens to lie in the caller's folder
    return subprocess.run(command, env=environ, check=False).returncode
