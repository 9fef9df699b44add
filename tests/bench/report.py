"""The results for a person: what was measured on what, every figure with its spread, every goal with its verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from tests.bench.rounds import Goal, Results, Spread, Verdict

FORMAT = 1


def as_text(machine: dict[str, str], results: Results) -> str:
    """Three tables: the machine, the measures, the goals."""
    return "\n".join([*_machine(machine), "", *_measures(results), "", *_goals(results), *results.notes])


def as_json(machine: dict[str, str], results: Results, *, rounds: int) -> dict[str, Any]:
    """The same for a program, with the measure of every single round. Rates are per second, waits in milliseconds."""
    return {
        "format": FORMAT,
        "machine": machine,
        "rounds": rounds,
        "subjects": [
            {
                "name": subject.name,
                "about": subject.about,
                "is_reference": subject.is_reference,
                "measures": [asdict(measure) for measure in results.measures[subject.name]],
            }
            for subject in results.subjects
        ],
        "goals": [
            {**asdict(verdict.goal), "figure": asdict(verdict.figure), "is_met": verdict.is_met}
            for verdict in results.verdicts()
        ],
        "notes": results.notes,
    }


def bound(goal: Goal) -> str:
    """The goal's bound in words; empty where it only reports."""
    if goal.at_least is not None:
        return f">= {goal.at_least:g}"
    return "" if goal.at_most is None else f"<= {goal.at_most:g}"


def word(verdict: Verdict) -> str:
    """PASS, or that it falls short; empty where there is nothing to reach."""
    return "" if verdict.is_met is None else "PASS" if verdict.is_met else "short of it"


def _machine(machine: dict[str, str]) -> Iterator[str]:
    for name, value in machine.items():
        yield f"{name:11} {value}"


def _measures(results: Results) -> Iterator[str]:
    yield f"{'':20} {'per second, median [min-max]':>32} {'p50 ms':>9} {'p99 ms':>9}"
    for subject in results.subjects:
        rate = results.spread(subject.name)
        waits = [results.spread(subject.name, what) for what in ("p50_ms", "p99_ms")]
        shown = " ".join(f"{wait.median:9.2f}" if wait else " " * 9 for wait in waits)
        mark = "  (reference)" if subject.is_reference else ""
        yield f"{subject.name:20} {_rate(rate):>32} {shown}  {subject.about}{mark}"


def _goals(results: Results) -> Iterator[str]:
    yield f"{'median of the ratios, taken round by round':64} {'goal':>8} {'figure [min-max]':>24}"
    for verdict in results.verdicts():
        figure = f"{verdict.figure.median:.2f} [{verdict.figure.low:.2f}-{verdict.figure.high:.2f}]"
        yield f"{verdict.goal.about:64} {bound(verdict.goal):>8} {figure:>24}  {word(verdict)}".rstrip()


def _rate(rate: Spread | None) -> str:
    return f"{rate.median:,.0f} [{rate.low:,.0f}-{rate.high:,.0f}]" if rate else ""
