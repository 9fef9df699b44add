"""A shop's day on either engine; whatever a test did, the books agree afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.settlement.day import Day
from tests.world import World


@pytest.fixture
def day(world: World, tmp_path: Path) -> Iterator[Day]:
    """A day at 1 % and 2 units a sale; in the end audit and the three-way match find nothing."""
    opened = Day(world)
    yield opened
    assert opened.differences(tmp_path / "settlements") == []


@pytest.fixture
def sqlite_day(sqlite_world: World, tmp_path: Path) -> Iterator[Day]:
    """The same on SQLite alone, for what does not depend on the engine."""
    opened = Day(sqlite_world)
    yield opened
    assert opened.differences(tmp_path / "settlements") == []
