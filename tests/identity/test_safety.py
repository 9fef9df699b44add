"""The safety number: the same on both phones, another one with any other key, and as the document says."""

from __future__ import annotations

import json
from pathlib import Path

from shared.identity.safety import Side, grouped, safety_number
from shared.identity.signing import Algorithm, PrivateKey, PublicKey

VECTORS = json.loads((Path(__file__).parents[2] / "docs/vectors/safety.json").read_text(encoding="utf-8"))
ANA = Side("ana", frozenset([PrivateKey.generate().public_key]))
LI = Side("li", frozenset([PrivateKey.generate(Algorithm.P256).public_key]))


def side_of(said: dict) -> Side:  # type: ignore[type-arg]
    return Side(said["handle"], frozenset(PublicKey.from_raw(bytes.fromhex(key)) for key in said["keys"]))


def test_both_phones_show_sixty_digits_and_the_same_ones() -> None:
    number = safety_number("test", ANA, LI)

    assert number == safety_number("test", LI, ANA)
    assert len(number) == 60
    assert number.isdigit()
    assert grouped(number) == [number[at : at + 5] for at in range(0, 60, 5)]


def test_whatever_names_or_signs_for_a_side_changes_the_number() -> None:
    number = safety_number("test", ANA, LI)
    more = Side("ana", ANA.keys | {PrivateKey.generate().public_key})

    others = [
        safety_number("test", more, LI),
        safety_number("test", Side("ana", frozenset()), LI),
        safety_number("test", Side("anna", ANA.keys), LI),
        safety_number("another", ANA, LI),
    ]
    assert len({number, *others}) == 5


def test_the_vectors_of_the_document() -> None:
    assert len(VECTORS["numbers"]) >= 3
    for vector in VECTORS["numbers"]:
        found = safety_number(VECTORS["realm"], side_of(vector["one"]), side_of(vector["other"]))
        assert " ".join(grouped(found)) == vector["safety_number"]
