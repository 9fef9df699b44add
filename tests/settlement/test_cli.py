"""`run.py settle` and its errands: what scripts rely on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.settlement import batches, cli
from tests.settlement.day import Day
from tests.world import SECRET, World

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The data folder."""
    return tmp_path / "data"


@pytest.fixture
def day(sqlite_world: World, sqlite_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Day:
    """A day on the database that the command line opens."""
    folder.mkdir()
    monkeypatch.setenv("SAOMA_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("SAOMA_DATA_DIR", str(folder))
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    return Day(sqlite_world)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("paid", id)`: the exit code, and what was printed as JSON."""

    def command(*argv: str) -> tuple[int, Any]:
        code = cli.main([*argv, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return command


def test_settle_prints_the_batch_and_writes_its_file_once(day: Day, run: Run, folder: Path) -> None:
    day.sell(1000)
    code, said = run()
    [row] = said["batches"]
    batch = day.world.store.read(batches.by_id, id=row["batch"])
    assert code == 0
    assert {name: row[name] for name in ("shop", "state", "sales", "gross_minor", "currency", "transfer")} == {
        "shop": "tea", "state": "in_transit", "sales": 1, "gross_minor": 1000, "currency": "CNY",
        "transfer": batch.payout_transfer_id,
    }  # fmt: skip
    assert (row["fee_minor"], row["refunds_minor"], row["carried_in_minor"], row["net_minor"]) == (12, 0, 0, 988)
    path = folder / "settlements" / f"tea-{batch.id}.csv"
    assert (row["file"], path.read_bytes(), path.stat().st_mode & 0o777) == (str(path), day.content(batch), 0o600)

    path.unlink()
    assert run() == (0, {"batches": []})
    assert path.read_bytes() == day.content(batch)


def test_a_folder_that_cannot_be_written_is_said_and_the_batch_stands(day: Day, run: Run, folder: Path) -> None:
    day.sell(1000)
    (folder / "settlements").write_text("in the way")
    code, said = run()
    assert (code, said["batches"][0]["net_minor"], said["batches"][0]["file"]) == (1, 988, None)
    assert said["files_not_written"]
    (folder / "settlements").unlink()
    assert run() == (0, {"batches": []})
    assert len(list((folder / "settlements").iterdir())) == 1


def test_payouts_are_confirmed_and_sent_back(day: Day, run: Run) -> None:
    made = []
    for _ in range(2):
        day.sell(1000)
        made += day.settle()
    one, other = (batch.id for batch in made)
    assert [row["state"] for row in run("paid", one)[1]["batches"]] == ["paid"]
    assert [row["state"] for row in run("paid", one)[1]["batches"]] == ["paid"]
    assert [row["state"] for row in run("returned", other, "--reason", "account closed")[1]["batches"]] == ["returned"]
    code, said = run("paid", other)
    assert (code, said["code"], "returned already" in said["detail"]) == (1, "payout_ended", True)


def test_a_rate_is_shown_and_set(day: Day, run: Run) -> None:
    assert run("rate", "tea") == (0, {"shop": "tea", "basis_points": 100, "fixed_minor": 2})
    assert run("rate", "tea", "--bps", "60") == (0, {"shop": "tea", "basis_points": 60, "fixed_minor": 0})
    assert run("rate", "tea") == (0, {"shop": "tea", "basis_points": 60, "fixed_minor": 0})
    assert run("rate", "tea", "--bps", "10001")[1]["code"] == "bad_rate"
    assert run("rate", "ana", "--bps", "1")[1]["code"] == "not_a_shop"


def test_reconcile_says_by_its_exit_code_whether_everything_agrees(day: Day, run: Run, folder: Path) -> None:
    day.sell(1000)
    run()
    assert run("reconcile") == (0, {"ok": True, "batches": 1, "lines": 1, "files": 1, "differences": []})
    [path] = (folder / "settlements").iterdir()
    content = path.read_bytes()
    path.write_bytes(content.replace(b"1000", b"1001", 1))
    code, said = run("reconcile", str(path))
    assert (code, said["ok"], [one["code"] for one in said["differences"]]) == (1, False, ["file_damaged"])


@pytest.mark.parametrize("word", ["", "rate", "paid", "returned", "reconcile"])
def test_every_errand_has_its_help(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([*([word] if word else []), "--help"])
    assert ended.value.code == 0
    assert f"usage: run.py settle {word}".strip() in capsys.readouterr().out
