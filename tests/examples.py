"""How much is tried: a fixed smaller share in every run, the whole of it in `run.py test --full`.

Of a property, examples; of the proof (docs/proof.md), kills, power cuts, races and seeds. A run says at its end which
share of the proof it tried.
"""

from __future__ import annotations

import os

from hypothesis import settings

IS_FULL = os.environ.get("SAOMA_TEST_FULL") == "1"

PROOF = {
    "kills": (10, 100),
    "power cuts": (100, 1000),
    "races a kind": (40, 200),
    "sequences a model": (75, 4000),
    "seeds": (300, 3000),
}
"""What the proof consists of: how many usually, how many in a full run."""

_tried: set[str] = set()
_told: list[str] = []

settings.register_profile("usual", derandomize=True, deadline=None, database=None)
settings.register_profile("full", max_examples=2000, derandomize=False, deadline=None, database=None, print_blob=True)


def load_profile() -> None:
    """Make the profile of this run the default of every property."""
    settings.load_profile("full" if IS_FULL else "usual")


def examples(usual: int, *, full: int | None = None) -> settings:
    """So many examples usually; in a full run `full`, or else as many as its profile says."""
    load_profile()
    if not IS_FULL:
        return settings(max_examples=usual)
    return settings(max_examples=full) if full else settings()


def share(of: str) -> int:
    """How many of something in `PROOF` this run tries. Asked as a test module is loaded, so that the run can say it."""
    _tried.add(of)
    return PROOF[of][IS_FULL]


def tell(line: str) -> None:
    """Have the run say at its end what a part of the proof counted."""
    _told.append(line)


def handed_over() -> dict[str, list[str]]:
    """What this process has tried and told, for the one that speaks for all."""
    return {"tried": sorted(_tried), "told": _told}


def take_over(others: dict[str, list[str]] | None) -> None:
    """Count what another process has tried and told as this one's."""
    if others:
        _tried.update(others["tried"])
        _told.extend(others["told"])


def said() -> list[str]:
    """What the run says at its end: which share of the proof it tried, and what was counted in it."""
    chosen = [name for name in PROOF if name in _tried]
    if not chosen:
        return []
    ran = ", ".join(f"{PROOF[name][IS_FULL]:,} {name}" for name in chosen)
    more = "" if IS_FULL else f"; --full runs {', '.join(f'{PROOF[name][1]:,}' for name in chosen)}"
    return [f"proof: {ran}{more}", *_told]
