"""`run.py test`: find or fetch a browser, then run pytest. What Python needs, run.py has installed already."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from shared.testing import browser

ROOT = Path(__file__).parents[2]
_PROCESSES = 2
"""Of a run of everything. More would take from the browsers the time that they need."""


def main(argv: list[str]) -> int:
    """Run the tests; pytest's exit code, or 1 when they could not be set up. The last line is pytest's count."""
    parser = argparse.ArgumentParser(
        prog="run.py test",
        description="Set up what the tests need, browser included, and run them all.",
        allow_abbrev=False,
        epilog="Every other argument goes to pytest, for example: run.py test tests/flows -x",
    )
    parser.add_argument("--full", action="store_true", help="the whole proof (docs/proof.md); takes much longer")
    parser.add_argument("--no-browser", action="store_true", help="leave out the tests that need a browser")
    options, rest = parser.parse_known_args(argv)
    environ = dict(os.environ)
    environ.pop("SAOMA_DATA_DIR", None)  # tests bring data folders of their own
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # they start so many processes that compiling is half of some
    if options.full:
        environ["SAOMA_TEST_FULL"] = "1"
    if options.no_browser:
        print("Without a browser: the tests in tests/browser are left out.", flush=True)
        rest = [f"--ignore={ROOT / 'tests' / 'browser'}", *rest]
    else:
        try:
            environ["SAOMA_TEST_BROWSER"] = browser.find() or browser.fetch()
        except browser.NoBrowser as error:
            print(error, file=sys.stderr)
            return 1
    if not set(argv) - {"--full", "--no-browser"}:  # a run of everything
        rest += ["-n", str(min(_PROCESSES, os.cpu_count() or 1)), "--dist", "loadfile", "--no-loadscope-reorder"]
    return subprocess.run([sys.executable, "-m", "pytest", *rest], cwd=ROOT, env=environ, check=False).returncode
