"""Random bytes for ids, drawn for many of them at once.

Asking the system for some lets every other thread have the interpreter first: a thread among many then waits several
times as long as making its id takes.
"""

from __future__ import annotations

import os
import secrets

PIECE_BYTES = 10
"""As many as a UUIDv7 has room for beside its time."""
_AT_ONCE = 400

_waiting: list[bytes] = []
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_waiting.clear)  # or parent and child would make the same ids


def piece() -> bytes:
    """Ten random bytes that nobody else gets."""
    try:
        return _waiting.pop()
    except IndexError:
        first, *others = pieces(_AT_ONCE)
        _waiting.extend(others)
        return first


def pieces(count: int) -> list[bytes]:
    """So many times ten random bytes."""
    drawn = secrets.token_bytes(PIECE_BYTES * count)
    return [drawn[start : start + PIECE_BYTES] for start in range(0, len(drawn), PIECE_BYTES)]
