"""Fees: exact sums, fair shares, never more than the sale."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import MAX_MINOR
from shared.settlement.fees import FREE, WHOLE, Rate, collectable, half_even, line_fees
from tests.examples import examples

RATES = st.builds(
    Rate,
    basis_points=st.one_of(st.integers(0, 200), st.integers(0, WHOLE)),
    fixed_minor=st.one_of(st.integers(0, 50), st.integers(0, MAX_MINOR)),
)
AMOUNTS = st.lists(st.one_of(st.integers(1, 300), st.integers(1, MAX_MINOR)), max_size=40)


def exact(amount: int, rate: Rate) -> Fraction:
    return min(Fraction(amount), Fraction(amount * rate.basis_points, WHOLE) + rate.fixed_minor)


@given(amounts=AMOUNTS, rate=RATES)
@examples(150)
def test_every_fee_is_within_one_unit_of_its_exact_value_and_no_more_than_the_sale(
    amounts: list[int], rate: Rate
) -> None:
    for amount, fee in zip(amounts, line_fees(amounts, rate), strict=True):
        assert abs(fee - exact(amount, rate)) < 1
        assert 0 <= fee <= amount


@given(amounts=AMOUNTS, rate=RATES)
@examples(150)
def test_the_sum_is_the_exact_sum_rounded_once(amounts: list[int], rate: Rate) -> None:
    assert abs(sum(line_fees(amounts, rate)) - sum(exact(amount, rate) for amount in amounts)) <= Fraction(1, 2)


@given(amounts=st.lists(st.integers(1000, MAX_MINOR), min_size=1, max_size=40), bps=st.integers(0, 9000))
@examples(150)
def test_where_no_fee_reaches_its_sale_the_batch_pays_the_rounded_share_and_the_fixed_parts(
    amounts: list[int], bps: int
) -> None:
    fee = sum(line_fees(amounts, Rate(bps, 3)))
    assert fee == round(Fraction(sum(amounts) * bps, WHOLE)) + 3 * len(amounts)


@given(amounts=AMOUNTS, rate=RATES, seed=st.randoms(use_true_random=False))
@examples(50)
def test_the_order_of_the_sales_does_not_change_what_the_batch_pays(amounts: list[int], rate: Rate, seed) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(amounts)
    seed.shuffle(shuffled)
    assert sum(line_fees(shuffled, rate)) == sum(line_fees(amounts, rate))


@given(numerator=st.integers(0, 10**20))
@examples(100)
def test_half_even_rounds_as_fractions_do(numerator: int) -> None:
    assert half_even(numerator, WHOLE) == round(Fraction(numerator, WHOLE))


@pytest.mark.parametrize(
    ("amounts", "rate", "fees"),
    [
        ([], Rate(60), []),
        ([1, 99, 100_000], FREE, [0, 0, 0]),
        ([83], Rate(60), [0]),  # 0.498
        ([84], Rate(60), [1]),  # 0.504
        ([250], Rate(20), [0]),  # 0.5 goes to the even side
        ([750], Rate(20), [2]),  # 1.5 too
        ([100, 100, 100], Rate(50), [1, 1, 0]),  # 3 × 0.5 = 1.5, rounded to 2; equals share in their order
        ([100, 150, 100], Rate(60), [1, 1, 0]),  # 0.6 + 0.9 + 0.6 = 2.1
        ([100, 190], Rate(60), [1, 1]),  # 0.6 + 1.14 = 1.74
        ([5, 1000], Rate(0, 10), [5, 10]),  # a sale smaller than the fixed part costs itself
        ([7], Rate(WHOLE, 0), [7]),
        ([7], Rate(WHOLE, 9), [7]),
        ([150_000], Rate(30), [450]),
    ],
)
def test_worked_examples(amounts: list[int], rate: Rate, fees: list[int]) -> None:
    assert line_fees(amounts, rate) == fees


@pytest.mark.parametrize(
    ("fee", "owed", "net", "taken"),
    [
        (6, 0, 100, 6),
        (6, 4, 100, 10),
        (6, 4, 0, 10),
        (6, 0, -2, 4),  # the batch's own money is short of two
        (6, 4, -30, 0),  # refunds have eaten everything
        (0, 0, -30, 0),
    ],
)
def test_a_fee_is_taken_as_far_as_the_batchs_own_money_reaches(fee: int, owed: int, net: int, taken: int) -> None:
    assert collectable(fee_minor=fee, owed_minor=owed, net_minor=net) == taken
