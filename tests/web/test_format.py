"""Lengths of time as people read them."""

from __future__ import annotations

import pytest

from shared.web import format


@pytest.mark.parametrize(
    ("ms", "told"),
    [(3_599_900, "1 hr"), (3_420_000, "57 min"), (5_400_000, "1.5 hr"), (86_399_999, "1 day"), (259_200_000, "3 days")],
)
def test_a_length_of_time_is_told_in_the_largest_unit_that_it_fills(ms: int, told: str) -> None:
    assert format.span(ms, "en") == told
