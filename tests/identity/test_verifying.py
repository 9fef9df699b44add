"""Many signatures at once: each is judged as it would be alone, whoever checks it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from shared.identity.signing import Algorithm, PrivateKey
from shared.identity.verifying import Claim, verify_all

KEYS = [PrivateKey.generate(), PrivateKey.generate(Algorithm.P256)]


def claims(count: int) -> tuple[list[Claim], list[bool]]:
    """So many claims, each third of them false, and which are true."""
    made, truth = [], []
    for number in range(count):
        key, message = KEYS[number % 2], b"%d" % number
        is_true = number % 3 != 1
        made.append(Claim(key.public_key, key.sign(message), message if is_true else message + b"!"))
        truth.append(is_true)
    return made, truth


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 64, 300])
def test_each_claim_is_judged_by_itself(count: int) -> None:
    made, truth = claims(count)
    assert verify_all(made) == truth


def test_several_may_ask_at_once() -> None:
    wrong: list[int] = []

    def ask(count: int) -> None:
        made, truth = claims(count)
        if verify_all(made) != truth:
            wrong.append(count)

    threads = [threading.Thread(target=ask, args=(count,)) for count in range(20, 28)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_what_breaks_is_raised_whoever_met_it() -> None:
    made, _ = claims(8)
    with pytest.raises(AttributeError):
        verify_all([claim._replace(key=None) for claim in made])  # type: ignore[arg-type]


_FORKS = """
import os
from tests.identity.test_verifying import claims
from shared.identity.verifying import verify_all
made, truth = claims(64)
assert verify_all(made) == truth
if (child := os.fork()) == 0:
    os._exit(0 if verify_all(made) == truth else 1)
print(os.waitpid(child, 0)[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system forks no processes")
def test_a_fork_finds_a_helper_of_its_own() -> None:
    told = subprocess.run([sys.executable, "-c", _FORKS], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout == "0\n"
