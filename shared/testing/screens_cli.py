"""`run.py screenshots`: picture every screen, in a process of its own: the tour lives with the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from shared.testing import browser

ROOT = Path(__file__).parents[2]


def main(argv: list[str]) -> int:
    """Take the pictures that the arguments ask for; the tour's exit code."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SAOMA_")}
    environ["PYTHONPATH"] = str(ROOT)
    if not {"-h", "--help"} & set(argv):
        try:
            environ["SAOMA_TEST_BROWSER"] = browser.find() or browser.fetch()
        except browser.NoBrowser as error:
            print(error, file=sys.stderr)
            return 1
    return subprocess.run([sys.executable, "-P", "-m", "tests.screens", *argv], env=environ, check=False).returncode
