"""The benchmark runs: tiny rounds of the ledger, whose figures mean nothing and whose ledgers must all add up."""

from __future__ import annotations

import json
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

from shared.testing import bench_cli
from tests.bench import ledger, plot, report
from tests.bench.measure import Measure
from tests.bench.rounds import Goal, Results, Spread, Subject, Verdict, run


def test_the_ledgers_benchmark_runs_and_tells_every_round(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told, drawn = tmp_path / "told.json", tmp_path / "drawn.svg"
    arguments = ["ledger", "--quick", "--rounds", "1", "--json", str(told), "--plot", str(drawn)]
    assert bench_cli.main([*arguments, "--folder", str(tmp_path)]) == 0
    said = capfd.readouterr().out
    found = json.loads(told.read_text())
    assert (found["format"], found["rounds"]) == (report.FORMAT, 1)
    assert set(found["machine"]) >= {"processor", "system", "python", "sqlite", "postgresql", "fdatasync"}
    by_name = {subject["name"]: subject for subject in found["subjects"]}
    for goal in ledger.GOALS:
        assert goal.about in said
        for name in {goal.over, goal.under or goal.over}:
            [measure] = by_name[name]["measures"]
            assert measure["rate"] > 0
    assert {goal["about"] for goal in found["goals"]} >= {goal.about for goal in ledger.GOALS}
    assert {"raw sqlite", "pgbench", "plain sql", "verify"} <= {
        name for name, subject in by_name.items() if subject["is_reference"]
    }
    assert all(goal.about in "".join(xml.parse(drawn).getroot().itertext()) for goal in ledger.GOALS)
    assert not list(tmp_path.glob("saoma-bench-*")), "the databases are left behind"


def results_of(**rates: list[float]) -> Results:
    turns = {name: iter(values) for name, values in rates.items()}
    subjects = [Subject(name, "", lambda _, name=name: Measure(next(turns[name]), 1.0, 2.0)) for name in rates]
    results = Results()
    run(subjects, len(next(iter(rates.values()))), lambda _: None, results)
    return results


def test_a_ratio_is_the_median_of_the_rounds_own_ratios() -> None:
    results = results_of(ours=[10, 300, 20], theirs=[5, 100, 20])
    results.goals = [Goal("", "ours", "theirs", at_least=2), Goal("", "ours", "theirs", at_least=2.5), Goal("", "ours")]
    first, second, third = results.verdicts()
    assert first.figure == Spread(2, 1, 3)
    assert (first.is_met, second.is_met, third.is_met) == (True, False, None)
    assert third.figure == Spread(20, 10, 300)


def test_a_wait_has_an_upper_bound() -> None:
    results = results_of(ours=[1.0, 1.0])
    results.goals = [Goal("", "ours", at_most=2, top="p99_ms"), Goal("", "ours", at_most=1, top="p99_ms")]
    assert [verdict.is_met for verdict in results.verdicts()] == [True, False]


def test_goals_of_what_was_not_measured_are_left_out() -> None:
    results = results_of(ours=[1.0])
    results.goals = [Goal("", "ours", "theirs", at_least=1)]
    assert results.verdicts() == []


def test_what_needs_no_rounds_is_told_and_drawn_too() -> None:
    results = results_of(ours=[1.0])
    results.found = [Verdict(Goal("home: JS, kB gzipped", "", at_most=12), Spread(13, 13, 13), False)]
    results.notes = ["Lighthouse: not run."]
    machine = {"processor": "one", "sqlite": "3", "postgresql": "17", "date": "today"}
    told = report.as_text(machine, results)
    assert "home: JS, kB gzipped" in told
    assert "short of it" in told
    assert told.endswith("Lighthouse: not run.")
    assert [goal["is_met"] for goal in report.as_json(machine, results, rounds=1)["goals"]] == [False]
    assert "home: JS, kB gzipped" in plot.as_svg(machine, results)
