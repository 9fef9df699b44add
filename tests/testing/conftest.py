"""One installation for the kit's own tests, inside this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.testing.sandbox import Sandbox


@pytest.fixture(scope="package")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A running installation."""
    with Sandbox(tmp_path_factory.mktemp("sandbox"), inside=True) as running:
        yield running
