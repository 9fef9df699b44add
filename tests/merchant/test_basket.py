"""How a sale's memo lists what was sold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from merchant.checkout import basket
from merchant.checkout.basket import Line
from shared.identity import wording

NAMES = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=40).filter(
    lambda name: wording.is_fit(name, 1000)
)
LINES = st.lists(st.builds(Line, NAMES, st.integers(1, 10**6), st.integers(1, 999)), max_size=8)


def test_a_memo_names_how_many_of_what() -> None:
    assert basket.memo([Line("Oolong", 1500, 2), Line("Egg tart", 800, 1)]) == "2 × Oolong, Egg tart"


def test_a_sale_without_goods_has_no_memo() -> None:
    assert basket.memo([]) == ""


def test_a_long_memo_leaves_whole_goods_out() -> None:
    lines = [Line(name, 100, 1) for name in ("Jasmine tea", "Oolong", "Milk tea", "Sesame bun", "Egg tart", "Soup")]
    assert basket.memo(lines) == "Jasmine tea, Oolong, Milk tea, Sesame bun, Egg tart, Soup"
    lines.insert(0, Line("Red bean soup", 100, 12))
    assert basket.memo(lines) == "12 × Red bean soup, Jasmine tea, Oolong, Milk tea, …"


def test_one_name_that_is_too_long_is_cut_at_a_character() -> None:
    text = basket.memo([Line("茶" * 30, 100, 2)])
    assert text.startswith("2 × 茶")
    assert text.endswith("茶…")
    assert len(text.encode()) <= basket.MEMO_BYTES


@given(LINES)
def test_every_memo_fits_into_a_code(lines: list[Line]) -> None:
    text = basket.memo(lines)
    assert wording.is_fit(text, basket.MEMO_BYTES) or (text == "" and not lines)
