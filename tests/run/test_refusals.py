"""What keeps Saoma from starting is one sentence that says what to do, and no traceback."""

from __future__ import annotations

import ast
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.run.checkout import ROOT
from tests.services import free_port

RUN = str(ROOT / "run.py")


def run(*argv: str, before: str = "pass", **environ: str) -> tuple[int, str, str]:
    """`run.py` in a Python that `before` has changed; exit code, standard output, standard error."""
    code = f"import runpy, sys; {before}; sys.argv = {[RUN, *argv]!r}; runpy.run_path({RUN!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd="/",
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def one_sentence(err: str) -> bool:
    return err.count("\n") == 1 and "Traceback" not in err


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("argv", [["help"], ["code", "no code"]])
def test_a_reader_that_has_enough_ends_a_command_quietly(tmp_path: Path, argv: list[str], unbuffered: str) -> None:
    """As `head` does: it closes its end before everything is told."""
    reading, writing = os.pipe()
    os.close(reading)
    environ = {**os.environ, "SAOMA_DATA_DIR": str(tmp_path), "PYTHONUNBUFFERED": unbuffered}
    command = [sys.executable, RUN, *argv]
    done = subprocess.run(command, env=environ, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)

    assert (done.returncode, done.stderr) == (141, b"")


def test_an_old_python_is_told_which_one_is_needed() -> None:
    code, _out, err = run(before="sys.version_info = (3, 9, 2, 'final', 0)")

    assert code == 1
    assert one_sentence(err)
    assert "3.11" in err
    assert "3.9.2" in err


def test_run_py_can_be_read_by_old_pythons() -> None:
    ast.parse(Path(RUN).read_text(), feature_version=(3, 6))


def test_an_unknown_command_is_refused_and_help_lists_the_known_ones() -> None:
    code, _out, err = run("pay-everything")
    assert (code, one_sentence(err)) == (2, True)

    code, out, _err = run("--help")
    assert code == 0
    assert all(name in out for name in ("serve", "migrate", "seed", "settle", "audit", "phone", "till", "code", "test"))


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    code, _out, err = run("migrate", SAOMA_DATA_DIR=str(tmp_path / "file" / "data"))

    assert code == 1
    assert one_sentence(err)
    assert str(tmp_path / "file" / "data") in err
    assert "SAOMA_DATA_DIR" in err


def test_a_foreign_package_called_shared_is_named(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "__init__.py").touch()

    code, _out, err = run("code", before=f"sys.path.insert(0, {str(tmp_path)!r}); import shared")

    assert code == 1
    assert one_sentence(err)
    assert str(tmp_path / "shared" / "__init__.py") in err


@pytest.mark.parametrize("name", ["SAOMA_WALLET_PORT", "SAOMA_MERCHANT_PORT", "SAOMA_LAUNCHER_PORT"])
def test_a_port_in_use_is_named_with_its_variable_before_anything_starts(name: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        code, out, err = run("--no-browser", SAOMA_DATA_DIR=str(tmp_path), **{**free_ports(), name: port})

    assert (code, out) == (1, "")
    assert one_sentence(err)
    assert port in err
    assert name in err
    assert not list(tmp_path.iterdir())


def test_two_services_cannot_have_one_port(tmp_path: Path) -> None:
    ports = free_ports()
    ports["SAOMA_MERCHANT_PORT"] = ports["SAOMA_WALLET_PORT"]

    code, _out, err = run("--no-browser", SAOMA_DATA_DIR=str(tmp_path), **ports)

    assert (code, one_sentence(err)) == (1, True)
    assert "SAOMA_WALLET_PORT" in err


def free_ports() -> dict[str, str]:
    """Ports for every listener of a start."""
    names = ("LAUNCHER_PORT", "WALLET_PORT", "MERCHANT_PORT", "WALLET_TLS_PORT", "MERCHANT_TLS_PORT")
    return {f"SAOMA_{name}": str(free_port()) for name in names}
