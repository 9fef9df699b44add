"""A signature that is none, for receivers who want to see whether they notice."""

from __future__ import annotations

from collections.abc import Mapping


def spoilt(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers with every signature in them turned into another one of the same form."""
    return {name: _spoil(value) if name.lower().endswith("signature") else value for name, value in headers.items()}


def _spoil(value: str) -> str:
    tokens = [token.rpartition(",") for token in value.split(" ")]
    return " ".join(version + comma + signature.swapcase() for version, comma, signature in tokens)
