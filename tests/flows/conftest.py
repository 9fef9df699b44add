"""Real services for whole stories: a fresh data folder for each, or one with the demo shop for reading along."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.services import Services


@pytest.fixture
def make_services(tmp_path: Path) -> Iterator[Callable[..., Services]]:
    """`make_services(**environ)`: services over a fresh data folder, stopped when the test ends."""
    made: list[Services] = []

    def make(**environ: str) -> Services:
        folder = tmp_path / f"data{len(made)}"
        folder.mkdir()
        made.append(Services(folder, environ))
        return made[-1]

    yield make
    for services in made:
        services.finish()


@pytest.fixture
def services(make_services: Callable[..., Services]) -> Services:
    """A wallet and a till with the demo shop, running."""
    running = make_services()
    running.seed()
    running.start("wallet")
    running.start("merchant")
    return running
