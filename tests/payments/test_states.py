"""The state table, all pairs of it."""

from __future__ import annotations

import itertools

import pytest

from shared.payments.states import (
    FINAL,
    TRANSITIONS,
    IntentAlreadyPaid,
    IntentCanceled,
    IntentClosed,
    IntentState,
    advance,
)


@pytest.mark.parametrize(("now", "to"), list(itertools.product(IntentState, IntentState)))
def test_a_way_exists_exactly_where_the_table_says_so(now: IntentState, to: IntentState) -> None:
    if to in TRANSITIONS[now]:
        assert advance(now, to) is to
    else:
        with pytest.raises((IntentAlreadyPaid, IntentCanceled, IntentClosed)):
            advance(now, to)


def test_every_state_is_in_the_table_and_can_be_reached_and_left_or_is_final() -> None:
    assert set(TRANSITIONS) == set(IntentState)
    reached = {to for ways in TRANSITIONS.values() for to in ways} | {IntentState.REQUIRES_PAYMENT}
    assert reached == set(IntentState)
    assert {state.value for state in FINAL} == {"captured", "declined", "canceled", "expired", "voided"}
