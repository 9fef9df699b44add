"""`run.py dispute`: what scripts rely on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.disputes import cli
from tests.disputes.conftest import Court
from tests.world import SECRET


@pytest.fixture
def at_work(sqlite_court: Court, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Court:
    monkeypatch.setenv("SAOMA_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("SAOMA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    return sqlite_court


def test_the_operator_lists_and_decides(at_work: Court, capsys: pytest.CaptureFixture[str]) -> None:
    dispute = at_work.complain(at_work.sell(500), 500)
    assert cli.main(["list", "--state", "open", "--shop", "tea", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)["disputes"]
    assert (row["dispute"], row["shop"], row["payer"], row["left_minor"]) == (dispute.id, "tea", "ana", 500)
    assert cli.main(["decide", dispute.id, "lost", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "dispute_awaits_answer"
    at_work.answer(dispute)
    assert cli.main(["decide", dispute.id, "lost", "--note", "No proof", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)["disputes"]
    assert (row["state"], row["paid_minor"], row["note"], row["transfer"] is None) == ("lost", 500, "No proof", False)
    assert cli.main(["list"]) == 0
    assert "not_received  lost\n    words: Nothing came\n    answer: It was handed over\n" in capsys.readouterr().out
    assert cli.main(["list", "--state", "won"]) == 0
    assert capsys.readouterr().out == "There are no such disputes.\n"


def test_without_an_errand_it_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert (cli.main([]), cli.main(["--help"])) == (2, 0)
    assert capsys.readouterr().out.count("run.py dispute decide ID won|lost") == 2
