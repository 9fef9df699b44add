"""Many small days in rough weather: whatever is lost, doubled, late or killed, everybody is told the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.examples import share
from tests.simulation.actors import Person, Shop, order_in
from tests.simulation.deeds import Wrong
from tests.simulation.place import Place, Service
from tests.simulation.story import MOVES, play

SEEDS = share("seeds")
AT_ONCE = 100
EVERYTHING = MOVES | {"charge automatic", "charge manual", "cancel", "refused", "died", "copy"}
"""What happens at least once in a hundred seeds: a simulation in which nothing happens finds nothing."""
AGAIN = "python3 run.py test tests/simulation --seed {}"


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """Both services, ready to be put back to the beginning."""
    made = Place()
    yield made
    made.remove()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for every hundred seeds; for the one of `--seed` alone where that is given."""
    if "seeds" in metafunc.fixturenames:
        one = metafunc.config.getoption("--seed")
        starts = range(0, SEEDS, AT_ONCE) if one is None else [one]
        shares = [range(start, start + AT_ONCE) if one is None else range(one, one + 1) for start in starts]
        metafunc.parametrize("seeds", shares, ids=[f"from {each.start}" for each in shares])


def test_everybody_is_told_the_truth(place: Place, seeds: range) -> None:
    counted: Counter[str] = Counter()
    for seed in seeds:
        try:
            story = play(place, seed)
        except BaseException as error:
            error.add_note(f"seed {seed}; to play it alone: {AGAIN.format(seed)}")
            raise
        counted += story.counted
        if len(seeds) == 1:
            print("\n".join(story.trace))
    if len(seeds) == AT_ONCE:
        assert not [thing for thing in EVERYTHING if not counted[thing]], counted


def test_a_seed_played_again_is_the_same_day(place: Place) -> None:
    for seed in (1, 2, 3, 5, 8):
        assert play(place, seed).trace == play(place, seed).trace


def found_out(place: Place, **parts: Any) -> bool:
    """Whether one of a hundred seeds finds something wrong."""
    for seed in range(100):
        try:
            play(place, seed, **parts)
        except Wrong:
            return True
    return False


class SignsAnew(Person):
    """Signs another order for the same when it asks again."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._sent: set[str] = set()

    def again(self, order: str) -> str:
        if order not in self._sent:
            self._sent.add(order)
            return order
        said = order_in(order)
        return self.phone.order(said.kind.name, said.payee, said.amount_minor, "CNY", subject=said.subject)


class ForgetsItsKey(Shop):
    """Has a till that asks again under another Idempotency-Key."""

    def new_key(self) -> str | None:
        return None


def test_a_phone_that_signs_anew_is_found_out(place: Place) -> None:
    assert found_out(place, person=SignsAnew)


def test_a_till_that_forgets_its_key_is_found_out(place: Place) -> None:
    assert found_out(place, shop=ForgetsItsKey)


def test_a_service_that_loses_what_it_acknowledged_is_found_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    handle = Service.handle

    def forgetful(self: Service, request: httpx.Request, fate: Any) -> httpx.Response:
        before = place.picture()
        response = handle(self, request, fate)
        if request.url.path == "/api/orders" and response.status_code == 200:
            place.put_back(before)
        return response

    monkeypatch.setattr(Service, "handle", forgetful)
    assert found_out(place)
