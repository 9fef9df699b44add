"""Bytes as digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codes import digits
from shared.codes.refusals import CodeRefused, CodeTooLong, MalformedCode
from tests.codes.samples import few


@few
@given(st.binary(max_size=240))
def test_digits_give_the_bytes_back(raw: bytes) -> None:
    text = digits.encode(raw)

    assert digits.decode(text) == raw
    assert set(text) <= set("0123456789")


@few
@given(st.text("0123456789", max_size=120))
def test_bytes_have_one_writing_in_digits(text: str) -> None:
    try:
        raw = digits.decode(text)
    except CodeRefused:
        return
    assert digits.encode(raw) == text


def test_a_known_value() -> None:
    assert digits.encode(bytes.fromhex("6162ff")) == "16736865"


@pytest.mark.parametrize(
    ("size", "width"), [(0, 0), (1, 3), (2, 5), (3, 8), (4, 10), (5, 13), (6, 15), (7, 17), (240, 583)]
)
def test_the_largest_bytes_of_each_size_fit_their_width(size: int, width: int) -> None:
    text = digits.encode(b"\xff" * size)

    assert len(text) == width
    assert digits.decode(text) == b"\xff" * size


@pytest.mark.parametrize(
    "text", ["1", "12", "1234", "256", "65536", "9" * 17, "7" * 18, "12a", " 12", "+12", "1_0", "٣٣٣", "²²²"]
)
def test_digits_that_stand_for_no_bytes_are_refused(text: str) -> None:
    with pytest.raises(MalformedCode):
        digits.decode(text)


def test_more_digits_than_any_code_has_are_refused_unread() -> None:
    with pytest.raises(CodeTooLong):
        digits.decode("x" * 701)
