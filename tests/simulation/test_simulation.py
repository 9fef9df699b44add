"""Many small days in rough weather: whatever is lost, doubled, late or killed, everybody is told the truth."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.examples import IS_FULL
from tests.simulation.place import Place
from tests.simulation.story import play

SEEDS = 3_000 if IS_FULL else 300
SHARE = 100
AGAIN = "python3 run.py test tests/simulation --seed {}"


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """Both services, ready to be put back to the beginning."""
    made = Place()
    yield made
    made.remove()


def _seeds(config: pytest.Config) -> list[range]:
    chosen = config.getoption("--seed")
    if chosen is not None:
        return [range(chosen, chosen + 1)]
    return [range(start, start + SHARE) for start in range(0, SEEDS, SHARE)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seeds" in metafunc.fixturenames:
        shares = _seeds(metafunc.config)
        metafunc.parametrize("seeds", shares, ids=[f"from {share.start}" for share in shares])


def test_everybody_is_told_the_truth(place: Place, seeds: range) -> None:
    for seed in seeds:
        try:
            story = play(place, seed)
        except BaseException as error:
            error.add_note(f"seed {seed}; to play it alone: {AGAIN.format(seed)}")
            raise
        if len(seeds) == 1:
            print("\n".join(story.trace))


def test_a_seed_played_again_is_the_same_day(place: Place) -> None:
    for seed in (1, 2, 3, 5, 8):
        assert play(place, seed).trace == play(place, seed).trace
