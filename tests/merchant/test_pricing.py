"""What a cart comes to: exact figures, sums that are kept, and what makes no sale."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchant.register import pricing
from merchant.register.pricing import DiscountTooLarge, Line, NothingToCharge, Share, TipTooLarge, priced
from merchant.register.states import BadSplit, SaleState, checked_parts, stands
from shared.errors import BadInput
from shared.money import MAX_MINOR
from shared.payments.states import IntentState

S = IntentState

percents = st.builds(Share, basis_points=st.integers(0, 10_000))
lines = st.builds(
    Line,
    unit_minor=st.integers(1, 10**7),
    quantity=st.integers(1, 999),
    tax_bp=st.sampled_from([0, 600, 650, 900, 1300, 10_000]),
    discount=percents,
)


def figures(*sold: Line, **more: Share) -> tuple[int, int, int, int, int]:
    bill = priced(sold, **more)
    return bill.goods_minor, bill.discount_minor, bill.tax_minor, bill.tip_minor, bill.total_minor


def test_lines_add_up_and_the_tax_is_inside_the_price() -> None:
    assert figures(Line(1500, 2, 600), Line(800, 1, 1300)) == (3800, 0, 170 + 92, 0, 3800)


def test_a_lines_discount_comes_before_the_carts() -> None:
    bill = priced([Line(1000, 1, 0, Share(amount_minor=200)), Line(1000)], discount=Share(basis_points=1000))
    assert [(line.off_minor, line.share_minor, line.net_minor) for line in bill.lines] == [
        (200, 80, 720),
        (0, 100, 900),
    ]
    assert (bill.goods_minor, bill.discount_minor, bill.total_minor) == (2000, 380, 1620)


def test_a_tip_is_a_share_of_what_is_left_to_pay_and_carries_no_tax() -> None:
    assert figures(Line(1000, 1, 600), discount=Share(amount_minor=500), tip=Share(basis_points=1000)) == (
        1000, 500, 28, 50, 550,
    )  # fmt: skip


def test_half_a_minor_unit_is_rounded_up() -> None:
    assert Share(basis_points=5000).of(1) == 1
    assert Share(basis_points=4999).of(1) == 0


@pytest.mark.parametrize(
    ("sold", "more", "refusal"),
    [
        ([Line(100, 1, 0, Share(amount_minor=101))], {}, DiscountTooLarge),
        ([Line(100)], {"discount": Share(amount_minor=101)}, DiscountTooLarge),
        ([Line(100)], {"tip": Share(amount_minor=101)}, TipTooLarge),
        ([Line(100)], {"discount": Share(amount_minor=60), "tip": Share(amount_minor=41)}, TipTooLarge),
        ([Line(100)], {"discount": Share(basis_points=10_000)}, NothingToCharge),
        ([], {}, NothingToCharge),
        ([Line(MAX_MINOR, 2)], {}, NothingToCharge),
    ],
)
def test_what_makes_no_sale_is_refused(sold: list[Line], more: dict[str, Share], refusal: type[BadInput]) -> None:
    with pytest.raises(refusal):
        priced(sold, **more)


@pytest.mark.parametrize("bad", [{"basis_points": -1}, {"basis_points": 10_001}, {"amount_minor": -1},
                                 {"basis_points": 1, "amount_minor": 1}])  # fmt: skip
def test_a_share_is_a_percentage_or_an_amount(bad: dict[str, int]) -> None:
    with pytest.raises(BadInput):
        Share(**bad)


@given(st.lists(lines, min_size=1, max_size=12), percents, percents)
def test_every_sum_is_kept(sold: list[Line], discount: Share, tip: Share) -> None:
    try:
        bill = priced(sold, discount=discount, tip=tip)
    except NothingToCharge:
        return
    assert sum(line.net_minor for line in bill.lines) + bill.tip_minor == bill.total_minor
    assert sum(line.gross_minor for line in bill.lines) == bill.goods_minor
    assert sum(line.off_minor + line.share_minor for line in bill.lines) == bill.discount_minor
    assert sum(line.tax_minor for line in bill.lines) == bill.tax_minor
    assert sum(tax.net_minor for tax in bill.taxes) == bill.total_minor - bill.tip_minor
    assert all(0 <= line.tax_minor <= line.net_minor for line in bill.lines)


@given(st.lists(lines, min_size=1, max_size=12))
def test_the_tax_of_a_rate_is_within_half_a_minor_unit_of_the_true_one(sold: list[Line]) -> None:
    try:
        bill = priced(sold)
    except NothingToCharge:
        return
    for tax in bill.taxes:
        true = Fraction(tax.net_minor * tax.tax_bp, 10_000 + tax.tax_bp)
        assert abs(true - tax.tax_minor) <= Fraction(1, 2)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=40), st.fractions(0, 1))
def test_what_is_spread_stays_whole_and_no_part_outgrows_its_weight(weights: list[int], share: Fraction) -> None:
    total = int(sum(weights) * share)
    parts = pricing.spread(total, weights)
    assert sum(parts) == total
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


@pytest.mark.parametrize(
    "parts", [[], [100], [50, 49], [50, 51], [100, 0], [150, -50], [1] * 21, [50.0, 50], [True, 99]]
)
def test_typed_parts_must_make_up_the_total(parts: list[int]) -> None:
    with pytest.raises(BadSplit):
        checked_parts(parts, sum(parts) if len(parts) == 21 else 100)
    assert checked_parts([40, 60], 100) == [40, 60]


@pytest.mark.parametrize(
    ("parts", "is_stopped", "state"),
    [
        ([S.REQUIRES_PAYMENT], False, SaleState.OPEN),
        ([S.REQUIRES_CONFIRMATION], False, SaleState.OPEN),
        ([S.AUTHORIZED], False, SaleState.OPEN),
        ([S.UNKNOWN], False, SaleState.OPEN),
        ([S.CAPTURED], False, SaleState.PAID),
        ([S.EXPIRED], False, SaleState.UNPAID),
        ([S.CANCELED, None], False, SaleState.UNPAID),
        ([S.DECLINED, S.REQUIRES_PAYMENT], False, SaleState.OPEN),
        ([S.CAPTURED, None], False, SaleState.OPEN),
        ([S.CAPTURED, S.EXPIRED], False, SaleState.OPEN),
        ([S.CAPTURED, S.CANCELED], True, SaleState.PART_PAID),
        ([S.CAPTURED, S.CAPTURED], False, SaleState.PAID),
        ([S.CAPTURED, S.CAPTURED], True, SaleState.PAID),
        ([S.VOIDED], False, SaleState.UNPAID),
    ],
)
def test_a_sale_stands_as_its_parts_do(parts: list[IntentState | None], is_stopped: bool, state: SaleState) -> None:
    assert stands(parts, is_stopped=is_stopped) is state
