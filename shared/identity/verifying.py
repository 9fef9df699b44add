"""Many signatures checked at once: one more thread helps, on another processor.

The library lets go of the interpreter while it computes. A check takes as long as everything else that is done with a
code together, so two processors open codes half as fast again as one.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import NamedTuple

from shared import one_processor
from shared.identity.signing import PublicKey

_FEW = 3
"""So many are checked before a helper would have begun."""


class Claim(NamedTuple):
    """That `key`'s other half made `signature` over exactly `message`."""

    key: PublicKey
    signature: bytes
    message: bytes


def verify_all(claims: Sequence[Claim]) -> list[bool]:
    """Whether each claim is true."""
    answers = [False] * len(claims)
    left = deque(enumerate(claims))

    def check() -> None:
        with suppress(IndexError):
            while True:
                place, (key, signature, message) = left.pop()
                answers[place] = key.verify(signature, message)

    help_ = _helper().submit(check) if len(claims) > _FEW and one_processor.COUNT > 1 else None
    check()
    if help_ is not None and not help_.cancel():
        help_.result()
    return answers


@cache
def _helper() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "verifier", initializer=one_processor.roam)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_helper.cache_clear)  # a fork has the memory of its threads, and none of them
