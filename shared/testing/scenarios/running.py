"""Playing a scenario: step after step until one disappoints, and the books checked at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shared.phone.client import AmountFixed, NoAnswer, NothingToPay
from shared.testing.clerk import NoClerk
from shared.testing.sandbox import Sandbox
from shared.testing.scenarios.grammar import Step
from shared.testing.scenarios.reading import Scenario
from shared.testing.scenarios.stage import Stage, furnish
from shared.testing.scenarios.steps import DEEDS, Disappointed
from shared.web.caller import Refused


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a scenario went: `why` it failed, in which `line`; `why` is empty when it went as the file says."""

    file: Path
    name: str
    steps: int
    took_s: float
    why: str = ""
    line: int = 0


def play(sandbox: Sandbox, scenario: Scenario, told: Callable[[Step], None]) -> Outcome:
    """Play a scenario; `told` hears of each step before it is taken."""
    began, stage, at = time.perf_counter(), Stage(sandbox), scenario.line

    def outcome(why: str = "") -> Outcome:
        took_s = time.perf_counter() - began
        return Outcome(scenario.file, scenario.name, len(scenario.steps), took_s, why, at if why else 0)

    try:
        furnish(stage, scenario)
        for step in scenario.steps:
            at = step.line
            told(step)
            _take(stage, step)
        at, faults = scenario.line, sandbox.audit()
        return outcome(f"the books are wrong afterwards: {faults[0]}" if faults else "")
    except Refused as refusal:
        return outcome(f"refused: {refusal.code} ({refusal.detail})" if refusal.detail else f"refused: {refusal.code}")
    except (AssertionError, NoAnswer, NoClerk, NothingToPay, AmountFixed) as error:
        return outcome(str(error))
    finally:
        stage.close()


def _take(stage: Stage, step: Step) -> None:
    if step.refused is None:
        DEEDS[step.verb](stage, **step.given)
        return
    try:
        DEEDS[step.verb](stage, **step.given)
    except Refused as refusal:
        if refusal.code != step.refused:
            raise Disappointed(f"refused with {refusal.code}, not with {step.refused}") from None
        return
    raise Disappointed(f"it succeeded, and should have been refused with {step.refused}")
