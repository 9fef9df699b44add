"""What is checked for who does not exist costs as much as for who does, and nobody knows what it is the hash of."""

from __future__ import annotations

import pytest
from argon2.exceptions import VerifyMismatchError

from shared.web.hashing import HASHER, NOBODYS_HASH


def test_nobodys_hash_costs_what_everybodys_does() -> None:
    assert not HASHER.check_needs_rehash(NOBODYS_HASH)


@pytest.mark.parametrize("guess", ["", "nobody's", "000000", "123456"])
def test_nobodys_hash_is_of_nothing_that_can_be_guessed(guess: str) -> None:
    with pytest.raises(VerifyMismatchError):
        HASHER.verify(NOBODYS_HASH, guess)
