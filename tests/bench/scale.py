"""How long and how much: the full benchmark, and a tiny one that shows in seconds that everything still runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """How much of everything a run takes."""

    rounds: int = 5
    seconds: float = 4.0
    tpc_b_seconds: int = 10
    tpc_b_scale: int = 20
    people: int = 10_000
    threads: int = 64
    at_once: int = 1_000
    payments: int = 6_000
    payers: int = 500
    visits: int = 3
    short_history: int = 10_000
    long_history: int = 100_000


FULL_HISTORY = 1_000_000
FULL = Scale()
QUICK = Scale(
    rounds=2, seconds=0.3, tpc_b_seconds=1, tpc_b_scale=1, people=200, at_once=100, payments=100, payers=20, visits=1,
    short_history=500, long_history=5_000,
)  # fmt: skip
