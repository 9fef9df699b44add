"""What a restricted key may: texts like `refunds:write`, one for each kind of thing and each way to touch it.

Whoever may write a kind of things may read it too. The doors themselves say what they ask for (`@entry.allows`), so the
list of all scopes is made of them and no second one has to be kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from flask import Flask

from shared.errors import BadInput

READ, WRITE = "read", "write"
_WELL_FORMED = re.compile(r"[a-z][a-z_]{0,39}:(?:read|write)\Z")
_MOST = 100


class BadScopes(BadInput):
    """A restricted key needs at least one scope, and each must be one that some door asks for."""

    code = "bad_scopes"


def of_doors(app: Flask) -> dict[str, tuple[str, ...]]:
    """The kinds of things that doors of `/v1` touch, by name, each with the ways to touch it: read, write or both."""
    asked = {getattr(door, "scope", None) for door in app.view_functions.values()} - {None}
    things = sorted({str(scope).partition(":")[0] for scope in asked})
    return {thing: tuple(way for way in (READ, WRITE) if f"{thing}:{way}" in asked) for thing in things}


def checked(scopes: Iterable[str], known: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The scopes, sorted and each once; `bad_scopes` when there are none, or one that no door asks for."""
    wanted = sorted(set(scopes))
    if not 0 < len(wanted) <= _MOST:
        raise BadScopes()
    for scope in wanted:
        thing, _, way = scope.partition(":")
        if not _WELL_FORMED.match(scope) or way not in known.get(thing, ()):
            raise BadScopes(scope=scope[:60])
    return tuple(wanted)


def covers(held: Collection[str] | None, asked: str | None) -> bool:
    """Whether a key with these scopes (None: a full key) opens a door that asks for one (None: for a full key)."""
    if held is None:
        return True
    if asked is None:
        return False
    thing, _, way = asked.partition(":")
    return asked in held or (way == READ and f"{thing}:{WRITE}" in held)
