"""A newcomer installs the checkout and writes the test that docs/testing.md shows: it is green. So are the examples."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.testing.installed import ROOT, files, installed, run_pytest

SHOWN = re.compile(r"```python\n(?:# test_checkout.py\n)?(.*?)```", re.DOTALL)


WRONG = """
def test_wrong(till, phone):
    phone.pay(till.charge(100)["code"])
    assert phone.balance_minor == 100_000
"""


def first_test(page: str) -> str:
    """The first Python that a page shows."""
    found = SHOWN.search((ROOT / page).read_text(encoding="utf-8"))
    assert found
    return found[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Saoma is installed."""
    return installed(tmp_path_factory.mktemp("pip"))


def test_what_is_installed_is_the_whole_product(site: Path) -> None:
    assert files(site) == files(ROOT)


def test_the_first_test_of_a_newcomer_is_short_and_green(site: Path, tmp_path: Path) -> None:
    """Beside the example shop's own tests and one that fails, which is told what happened; in a folder that has a
    `wallet` of its own."""
    shown = first_test("docs/testing.md")
    assert first_test("README.md") == shown
    assert len([line for line in shown.splitlines() if line.strip()]) <= 15
    (tmp_path / "test_checkout.py").write_text(shown)
    (tmp_path / "wallet.py").write_text("raise SystemExit('not this one')\n")
    for name in ("shop.py", "test_shop.py"):
        shutil.copyfile(ROOT / "examples" / "shop" / name, tmp_path / name)
    (tmp_path / "test_wrong.py").write_text(WRONG)
    ran = run_pytest(site, tmp_path, "-W", "ignore::ResourceWarning")
    assert "1 failed, 7 passed" in ran.stdout, ran.stdout + ran.stderr
    told = ran.stdout.partition("What happened at Saoma")[2]
    assert "intent.captured pi_" in told, ran.stdout


def test_a_session_that_asks_for_nothing_starts_nothing(site: Path, tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text(
        "import sys\n\n\ndef test_light(pytestconfig):\n    assert pytestconfig.pluginmanager.has_plugin('saoma')\n"
        "    assert not {'sqlalchemy', 'flask', 'httpx'} & set(sys.modules)\n"
    )
    ran = run_pytest(site, tmp_path, "-p", "no:anyio")
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr
