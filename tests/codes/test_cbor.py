"""The body's encoding against a general CBOR library as the judge of what bytes mean."""

from __future__ import annotations

import random

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codes import cbor
from shared.codes.refusals import MalformedCode
from tests.codes.samples import few

numbers = st.integers(-(2**64), 2**64 - 1)
bodies = st.dictionaries(numbers, numbers | st.binary(max_size=80) | st.text(max_size=40), max_size=30)


@few
@given(bodies)
def test_a_body_is_what_a_general_library_calls_canonical(fields: dict[int, cbor.Value]) -> None:
    body = cbor.encode(fields)

    ascending = dict(sorted(fields.items(), key=lambda field: cbor2.dumps(field[0])))
    assert body == cbor2.dumps(ascending)
    assert cbor.decode(body) == fields


@few
@given(st.binary(max_size=60))
def test_what_is_accepted_has_one_encoding_and_one_meaning(body: bytes) -> None:
    agrees(body)


def test_mutated_bodies_are_refused_or_mean_what_a_general_library_reads() -> None:
    dice = random.Random(5)
    good = cbor.encode({1: "ada", 2: 1250, 3: 156, 5: "午饭", 6: 1_795_255_200, 8: bytes(8), -1: -70_000})
    accepted = 0
    for _ in range(5000):
        body = bytearray(good)
        for _ in range(dice.randint(1, 3)):
            at = dice.randrange(len(body))
            change = dice.randrange(4)
            if change == 0:
                body[at] ^= 1 << dice.randrange(8)
            elif change == 1:
                del body[at]
            elif change == 2:
                body.insert(at, dice.randrange(256))
            else:
                body += body[: dice.randrange(4)]
        accepted += agrees(bytes(body))
    assert 500 < accepted < 4500


@pytest.mark.parametrize(
    "body",
    [
        "", "a0a0", "a1", "a101", "00", "80", "a10180", "a101a0", "a101f5", "a101f6", "a101f97e00", "a101c001",
        "a1011800",
        "a101190001", "a1011a00000001", "a1011b0000000000000001", "bf0101ff", "a1017f6161ff", "a1015f4161ff",
        "a201010102", "a202010101", "a220010101", "a1616101", "a14101", "a1f501", "a10161ff", "a10162c080", "a1011c",
        "b90001 0101", "b80101 01", "a1017bffffffffffffffff61", "ba ffffffff 01 01", "a1 01 63 eda080",
    ],
)  # fmt: skip
def test_a_body_that_is_not_deterministic_or_not_complete_is_refused(body: str) -> None:
    with pytest.raises(MalformedCode):
        cbor.decode(bytes.fromhex(body))


def test_the_empty_map_and_the_extreme_integers_are_bodies() -> None:
    extremes: dict[int, cbor.Value] = {0: 2**64 - 1, 2**64 - 1: -(2**64), -(2**64): b"", -1: ""}

    assert cbor.decode(cbor.encode({})) == {}
    assert cbor.decode(cbor.encode(extremes)) == extremes


@pytest.mark.parametrize("number", [2**64, -(2**64) - 1])
def test_an_integer_of_more_than_64_bits_cannot_be_encoded(number: int) -> None:
    with pytest.raises(ValueError, match="64 bits"):
        cbor.encode({1: number})


def agrees(body: bytes) -> bool:
    """Whether the body is accepted; if so it must be canonical and mean the same to the general library."""
    try:
        fields = cbor.decode(body)
    except MalformedCode:
        return False
    assert cbor.encode(fields) == body
    assert cbor2.loads(body) == fields
    return True
