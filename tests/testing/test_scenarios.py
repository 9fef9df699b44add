"""Scenario files: what is wrong with one is said with its line, and what happens is held against what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from shared.testing import scenario_cli
from shared.testing.sandbox import Sandbox
from shared.testing.scenarios import grammar, junit
from shared.testing.scenarios.grammar import BadScenario
from shared.testing.scenarios.reading import read
from shared.testing.scenarios.running import Outcome, play
from shared.testing.scenarios.steps import DEEDS
from tests.examples import IS_FULL

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "scenarios"
HEAD = "people: [ana]\nshops: [tea]\nsteps:\n  - charge: {shop: tea, amount: 1250, as: coffee}\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "story.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def played(sandbox: Sandbox, folder: Path, steps: str) -> Outcome:
    [scenario] = read(written(folder, HEAD + steps))
    return play(sandbox, scenario, lambda step: None)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_scenarios_that_are_shipped_go_as_they_say(sandbox: Sandbox, path: Path) -> None:
    outcomes = [play(sandbox, scenario, lambda step: None) for scenario in read(path)]
    assert not [f"{each.file}:{each.line}: {each.why}" for each in outcomes if each.why]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "no scenario"),
        ("- a\n", 1, "a scenario is a mapping"),
        ("name: [\n", 2, "no YAML"),
        ("people: [ana]\npeople: [li]\n", 2, "'people' stands twice"),
        ("persons: [ana]\n", 1, "no 'persons'"),
        ("people: [ana, ana]\n", 1, "a name stands twice"),
        ("people: {ana: {balance: 1.5}}\nsteps: [settle: ]\n", 1, "balance: minor units"),
        (HEAD + "  - pya: {who: ana, for: coffee}\n", 5, "did you mean 'pay'?"),
        (HEAD + "  - pay: {who: anna, for: coffee}\n", 5, "no person 'anna' here; did you mean 'ana'?"),
        (HEAD + "  - pay: {who: ana, for: tea}\n", 5, "no sale 'tea'"),
        (HEAD + "  - pay: {who: ana}\n", 5, "pay needs 'for'"),
        (HEAD + "  - pay:\n      who: ana\n      four: coffee\n", 7, "no field 'four'"),
        (HEAD + "  - charge: {shop: tea, amount: 0, as: more}\n", 5, "amount is a whole number"),
        (HEAD + "  - charge: {shop: tea, amount: true, as: more}\n", 5, "amount is a whole number"),
        (HEAD + "  - charge: {shop: tea, amount: 12.50, as: more}\n", 5, "amount is a whole number"),
        (HEAD + "  - charge: {shop: tea, amount: 1, as: coffee}\n", 5, "a sale 'coffee' already"),
        (HEAD + "  - {settle: , advance: {days: 1}}\n", 5, "one verb, not 2"),
        (HEAD + "  - settle\n", 3, "a step is a verb"),
        (HEAD + "  - expect: {status: {tea: captured}}\n", 5, "no sale 'tea'"),
        (HEAD + "  - expect: {}\n", 5, "expect needs one of"),
        ("!!python/object:os.system x\n", 1, "no YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(BadScenario) as found:
        read(written(tmp_path, text))
    assert said in found.value.why
    assert found.value.line == line


def test_every_verb_of_the_grammar_can_be_played() -> None:
    assert DEEDS.keys() == grammar.VERBS.keys()


@pytest.mark.parametrize(
    ("steps", "line", "said"),
    [
        ("  - pay: {who: ana, for: coffee}\n  - expect: {balance: {ana: 1}}\n", 6, "ana has 98750, not 1"),
        ("  - expect:\n      status: {coffee: captured}\n", 5, "coffee is 'requires_payment', not 'captured'"),
        ("  - cancel: {for: coffee}\n  - pay: {who: ana, for: coffee}\n", 6, "refused: intent_canceled"),
        ("  - pay: {who: ana, for: coffee}\n    refused: already_paid\n", 5, "it succeeded"),
        ("  - void: {for: coffee}\n    refused: already_paid\n", 5, "refused with"),
        ("  - confirm: {who: ana, for: coffee}\n", 5, "nothing asks this phone"),
        ('  - call: {shop: tea, method: GET, path: "/v1/{cake}"}\n', 5, "/v1/{cake} names a sale that there is not"),
    ],
)
def test_what_goes_otherwise_is_told_with_its_line(
    sandbox: Sandbox, tmp_path: Path, steps: str, line: int, said: str
) -> None:
    outcome = played(sandbox, tmp_path, steps)
    assert said in outcome.why
    assert outcome.line == line


def test_the_report_is_one_that_ci_systems_read(tmp_path: Path) -> None:
    good = Outcome(Path("a/good.yaml"), "All is well", 3, 0.25)
    bad = Outcome(Path("a/bad.yaml"), "Ana & Li <3 \x07", 4, 1.5, "ana has 1, not 2\nand more", 17)
    top = ElementTree.fromstring(junit.report([good, bad]))
    [suite] = top
    assert (suite.get("tests"), suite.get("failures"), suite.get("time")) == ("2", "1", "1.750")
    passed, failed = suite
    assert (passed.get("classname"), len(passed)) == ("good", 0)
    [failure] = failed
    assert failure.get("message") == "ana has 1, not 2"
    assert failure.text == "a/bad.yaml:17: ana has 1, not 2\nand more"


def test_the_command_names_every_file_that_is_not_well_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.yaml").write_text(HEAD + "  - pya: {}\n")
    (tmp_path / "two.yml").write_text("steps: 1\n")
    assert scenario_cli.main([str(tmp_path), str(tmp_path / "none.yaml")]) == 2
    told = capsys.readouterr().err
    assert "one.yaml:5:" in told
    assert "two.yml:1: steps is a list" in told
    assert "none.yaml:1: it cannot be read" in told


TWO = (
    HEAD + "  - pay: {who: ana, for: coffee}\n  - expect: {balance: {ana: 100000}}\n"
    "---\n" + HEAD + "  - expect: {balance: {ana: 100000}}\n"
)
"""Two scenarios, of which the first goes otherwise than it says."""


def test_one_that_goes_otherwise_does_not_keep_the_next_from_being_played(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story, report = written(tmp_path, TWO), tmp_path / "report.xml"
    assert scenario_cli.judged(sandbox, read(story), is_loud=True, junit_file=report) == 1
    told = capsys.readouterr().out
    assert f"{story}:6: ana has 98750, not 100000" in told
    assert "1 of 2 scenarios went as they should." in told
    assert ElementTree.parse(report).getroot().get("failures") == "1"


@pytest.mark.skipif(not IS_FULL, reason="starts the services as processes again; run.py test --full does")
def test_the_command_plays_on_services_of_its_own(tmp_path: Path) -> None:
    story, report = written(tmp_path, TWO), tmp_path / "report.xml"
    command = [sys.executable, "-m", "shared.testing.scenario_cli", "--junit", str(report), str(story)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SAOMA_")}
    environ["PYTHONPATH"] = str(ROOT)
    ran = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 1, ran.stderr
    assert "1 of 2 scenarios went as they should." in ran.stdout
    assert report.exists()


def test_check_plays_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert scenario_cli.main(["--check", str(EXAMPLES)]) == 0
    assert "nothing wrong" in capsys.readouterr().out
