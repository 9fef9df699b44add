"""The safety number: sixty digits by which two people see, on their two phones, that nobody stands between them.

Each side gives thirty digits, made of everything that names and signs for it: the realm, the handle and all good keys.
The hash is repeated as Signal's is, so that looking for other keys with the same digits costs that many times more. The
two halves stand in order of size: both phones show the same number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from shared.identity.signing import PublicKey

ROUNDS = 5200
_PURPOSE = b"saoma-safety\x00"
_GROUPS, _GROUP_BYTES, _GROUP_DIGITS = 6, 5, 5


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: a handle with all keys that are good for it."""

    handle: str
    keys: frozenset[PublicKey]


def safety_number(realm: str, one: Side, other: Side) -> str:
    """Sixty digits, the same whichever side asks."""
    return "".join(sorted(_half(realm, side) for side in (one, other)))


def grouped(number: str) -> list[str]:
    """The number as people read it out: twelve groups of five digits."""
    return [number[at : at + _GROUP_DIGITS] for at in range(0, len(number), _GROUP_DIGITS)]


def _half(realm: str, side: Side) -> str:
    """Thirty digits: a chain of SHA-512 over the side, its first 30 bytes, five at a time, modulo 100,000."""
    named = _named(realm, side.handle, side.keys)
    digest = hashlib.sha512(named).digest()
    for _ in range(ROUNDS - 1):
        digest = hashlib.sha512(digest + named).digest()
    pieces = (digest[at : at + _GROUP_BYTES] for at in range(0, _GROUPS * _GROUP_BYTES, _GROUP_BYTES))
    return "".join(f"{int.from_bytes(piece, 'big') % 10**_GROUP_DIGITS:0{_GROUP_DIGITS}d}" for piece in pieces)


def _named(realm: str, handle: str, keys: Iterable[PublicKey]) -> bytes:
    parts = [realm.encode(), handle.encode()]
    for key in sorted(keys, key=lambda key: key.kid):
        parts += [key.algorithm.value.encode("ascii"), key.raw]
    return _PURPOSE + b"".join(bytes([len(part)]) + part for part in parts)
