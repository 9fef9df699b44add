"""How many examples a property is tried with: a fixed few in every run, many fresh ones in `run.py test --full`."""

from __future__ import annotations

import os

from hypothesis import settings

IS_FULL = os.environ.get("SAOMA_TEST_FULL") == "1"

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
