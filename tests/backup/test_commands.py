"""`run.py backup` and `run.py restore` as a script uses them, beside services that run, stop and start again."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.backup import cli, progress, restore_cli
from shared.config import Config
from tests.backup.places import database_file, place
from tests.services import Services

HEADS = {"transfer_seq", "event_seq", "commits"}


@pytest.fixture
def here(lived: Config, monkeypatch: pytest.MonkeyPatch) -> Config:
    """This process's environment is that of a home in which much has happened."""
    _go(lived, monkeypatch)
    return lived


def _go(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAOMA_DATA_DIR", str(config.data_dir))
    for name in ("SAOMA_DATABASE_URL", "SAOMA_REALM"):
        monkeypatch.delenv(name, raising=False)


def test_payments_run_services_stop_the_backup_is_restored_and_they_start_again(
    make_services: Callable[..., Services], tmp_path: Path
) -> None:
    services = make_services()
    services.seed()
    services.start("wallet")
    ana = services.phone("Ana")
    services.phone("Bo")
    ana.send("bo", 500)
    file = tmp_path / "b.zip"
    made = _told(services.run("run.py", "backup", str(file), "--json"))
    ana.send("bo", 700)

    refused = services.run("run.py", "restore", str(file), "--replace")
    assert (refused.returncode, json.loads(refused.stdout)["code"]) == (1, "database_in_use")
    assert ana.balance()["balance_minor"] == 100_000 - 1_200

    services.stop()
    done = _told(services.run("run.py", "restore", str(file), "--replace", "--verify", "--json"))
    assert done["heads"] == made["heads"]
    assert done["audit"]["ok"]
    assert Path(done["replaced"]).exists()
    services.start("wallet")
    assert ana.balance()["balance_minor"] == 100_000 - 500
    assert ana.send("bo", 100)["status"] == "posted"
    assert _told(services.run("run.py", "audit", "--json"))["ok"]


def _told(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, (done.stdout, done.stderr)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_what_scripts_are_told(
    here: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "b.zip"
    assert cli.main([str(file), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert set(made) == {"file", "bytes", "realm", "revision", "created_at", "heads", "tables", "rows", "with_secret"}
    assert (made["file"], made["bytes"], made["with_secret"]) == (str(file), file.stat().st_size, False)
    assert set(made["heads"]) == HEADS

    there = place(tmp_path / "there")
    _go(there, monkeypatch)
    assert restore_cli.main([str(file), "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    same = ("realm", "revision", "created_at", "heads", "tables", "rows")
    assert {name: done[name] for name in same} == {name: made[name] for name in same}
    assert (done["database"], done["has_secret"]) == (str(database_file(there)), True)
    assert (done["replaced"], done["audit"], done["discontinuity"]) == (None, None, None)


def test_what_people_are_told(
    here: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "b.zip"
    assert cli.main([str(file)]) == 0
    said = capsys.readouterr().out
    assert "transfers" in said
    assert f"keep {here.data_dir / 'secret'}" in said
    assert cli.main([str(file), "--force", "--with-secret"]) == 0
    assert "whoever has this file can sign" in capsys.readouterr().out
    there = place(tmp_path / "there", secret=None)
    _go(there, monkeypatch)
    assert restore_cli.main([str(file), "--verify"]) == 0
    assert "every balance" in capsys.readouterr().out
    assert restore_cli.main([str(file), "--replace"]) == 0
    assert "lies in" in capsys.readouterr().out


def test_refusals_are_sentences_with_stable_codes(
    here: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "b.zip"
    assert cli.main([str(file)]) == 0
    capsys.readouterr()
    cases = {
        "backup_exists": (cli.main, [str(file)]),
        "not_a_backup": (cli.main, [str(here.data_dir / "secret"), "--force"]),
        "database_not_empty": (restore_cli.main, [str(file)]),
        "archive_damaged": (restore_cli.main, [str(here.data_dir / "secret")]),
        "file_problem": (restore_cli.main, [str(tmp_path / "nowhere.zip")]),
    }
    for code, (main, argv) in cases.items():
        assert main(argv) == 1
        told = json.loads(capsys.readouterr().out)
        assert told["code"] == code
        assert "{" not in told["detail"]
    assert cli.main([str(tmp_path / "no" / "folder" / "b.zip")]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "file_problem"


def test_long_work_says_how_far_it_is_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    lines = progress.Lines("written")
    for rows in range(1_000, 120_001, 1_000):
        lines("ledger_transfer", rows)
    lines("db_head", 1)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["written ledger_transfer: 50,000 rows", "written ledger_transfer: 100,000 rows"]
