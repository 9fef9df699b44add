"""Rounds: every subject in turn, again and again, so that whatever else the machine does strikes all of them alike.

Absolute rates move up to twofold with the load of a machine; the ratio of two neighbours in one round moves little. So
each ratio is taken round by round, and its median is what counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

from tests.bench.measure import Measure

Field = Literal["rate", "p50_ms", "p99_ms"]


@dataclass(frozen=True)
class Subject:
    """Something that is measured once in every round. `run` is given the round's number."""

    name: str
    about: str
    run: Callable[[int], Measure]
    is_reference: bool = False


@dataclass(frozen=True)
class Goal:
    """A figure and its bound: `over` / `under` as a ratio of rates, or one subject's wait in milliseconds."""

    about: str
    over: str
    under: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    top: Field = "rate"
    bottom: Field = "rate"


@dataclass(frozen=True)
class Spread:
    """The median of the rounds, and the lowest and the highest of them."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        ordered = sorted(values)
        return cls(median(ordered), ordered[0], ordered[-1])


@dataclass(frozen=True)
class Verdict:
    """A goal's figure over the rounds, and whether it is met; None where the goal only reports."""

    goal: Goal
    figure: Spread
    is_met: bool | None


@dataclass
class Results:
    """The measures of every subject, in the order of the rounds."""

    subjects: list[Subject] = field(default_factory=list)
    measures: dict[str, list[Measure]] = field(default_factory=dict)
    goals: list[Goal] = field(default_factory=list)
    found: list[Verdict] = field(default_factory=list)
    """Figures that are no rates and need no rounds, such as the weight of a page."""
    notes: list[str] = field(default_factory=list)

    def spread(self, name: str, what: Field = "rate") -> Spread | None:
        """Over the rounds; None where this was not timed."""
        values = [getattr(measure, what) for measure in self.measures[name]]
        return Spread.of(values) if values and None not in values else None

    def verdicts(self) -> list[Verdict]:
        """Every goal whose subjects were measured, with its figure, and what was found without rounds."""
        measured = [
            _verdict(goal, self.measures)
            for goal in self.goals
            if {goal.over, goal.under or goal.over} <= set(self.measures)
        ]
        return measured + self.found


def run(subjects: Sequence[Subject], rounds: int, say: Callable[[str], None], results: Results) -> None:
    """Measure the subjects in turn, so many times, into `results`."""
    results.subjects.extend(subjects)
    for number in range(1, rounds + 1):
        for subject in subjects:
            measure = subject.run(number)
            results.measures.setdefault(subject.name, []).append(measure)
            say(f"  round {number} of {rounds}: {subject.name:22} {measure.rate:12,.0f}/s")


def _verdict(goal: Goal, measures: dict[str, list[Measure]]) -> Verdict:
    tops = [getattr(measure, goal.top) for measure in measures[goal.over]]
    if goal.under is None:
        figures = tops
    else:
        figures = [top / getattr(measure, goal.bottom) for top, measure in zip(tops, measures[goal.under], strict=True)]
    figure = Spread.of(figures)
    if goal.at_least is not None:
        return Verdict(goal, figure, figure.median >= goal.at_least)
    return Verdict(goal, figure, None if goal.at_most is None else figure.median <= goal.at_most)
