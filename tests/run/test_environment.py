"""The environment: made once, by one start at a time, anew when its making was interrupted."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.run.checkout import Checkout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture
def made(checkout: Checkout) -> Checkout:
    """With its environment finished, and with nothing for pip to find."""
    checkout.put_wheel()
    code, _out, err = checkout.run()
    assert code == 0, err
    checkout.take_wheel_away()
    return checkout


def test_two_first_starts_at_once_make_one_environment_and_both_go_on(checkout: Checkout) -> None:
    starts = [checkout.start("a"), checkout.start("b")]

    outs = [start.communicate(timeout=180) for start in starts]

    assert [start.returncode for start in starts] == [0, 0], outs
    assert [out.splitlines()[-1] for out, _ in outs] == [
        f"inside {checkout.venv} found a",
        f"inside {checkout.venv} found b",
    ]
    assert sum("First start" in out for out, _ in outs) == 1


def test_a_second_start_goes_in_without_pip(made: Checkout) -> None:
    log = made.venv / "install.log"
    before = log.stat().st_mtime_ns

    assert made.run("x") == (0, f"inside {made.venv} found x\n", "")
    assert log.stat().st_mtime_ns == before


def test_an_environment_whose_making_was_killed_is_made_anew(made: Checkout) -> None:
    (made.venv / "saoma-unfinished").touch()
    (made.venv / "left-over").touch()
    made.put_wheel()

    code, out, err = made.run()

    assert (code, err) == (0, "")
    assert "First start" in out
    assert not (made.venv / "left-over").exists()
    assert not (made.venv / "saoma-unfinished").exists()


def test_an_environment_that_has_lost_its_packages_is_made_anew(made: Checkout) -> None:
    remove_what_is_required(made)
    made.put_wheel()

    code, out, err = made.run("z")

    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == f"inside {made.venv} found z"


def test_without_a_network_it_says_so_in_one_sentence_and_the_next_start_mends_it(made: Checkout) -> None:
    (made.venv / "saoma-stamp").unlink()
    remove_what_is_required(made)

    code, _out, err = made.run()
    assert (code, err.count("\n")) == (1, 1)
    assert "the first start needs the internet" in err

    made.put_wheel()
    code, out, _err = made.run("y")
    assert (code, out.splitlines()[-1]) == (0, f"inside {made.venv} found y")


def test_a_python_without_venv_is_told_what_to_install(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)

    code, _out, err = checkout.run(before="import sys; sys.modules['ensurepip'] = None")

    assert (code, err.count("\n")) == (1, 1)
    assert "-venv" in err
    assert not checkout.venv.exists()


def test_a_checkout_on_a_read_only_disk_is_refused_in_one_sentence(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    read_only = "def no(*_, **__): raise OSError(30, 'Read-only file system')\nimport pathlib; pathlib.Path.mkdir = no"

    code, _out, err = checkout.run(before=read_only)

    assert (code, err.count("\n")) == (1, 1)
    assert str(checkout.root) in err
    assert "Read-only file system" in err


def remove_what_is_required(checkout: Checkout) -> None:
    python = checkout.venv / "bin" / "python"
    subprocess.run([python, "-m", "pip", "uninstall", "-q", "-y", "saoma-probe"], check=True, capture_output=True)
