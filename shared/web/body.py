"""Reading a JSON body strictly: a value of the wrong type is `bad_input`, never a guess and never a broken page."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flask import request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from shared.errors import BadInput

LONGEST_TEXT = 4096


class Body:
    """A JSON object from outside, read field by field. Every refusal is `bad_input` and names the field."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._values.get(name) is not None

    def names(self) -> list[str]:
        """The names of the fields, in the order in which they came."""
        return list(self._values)

    def as_dict(self) -> dict[str, object]:
        """All fields as they came."""
        return dict(self._values)

    def only(self, *names: str) -> Body:
        """The body itself, when it has no fields but these: a misspelt one must not be silently ignored."""
        for name in self._values:
            if name not in names:
                raise BadInput(field=name[:40])
        return self

    def text(self, name: str, *, longest: int = LONGEST_TEXT) -> str:
        """A text of at most `longest` characters that every database and every hash can take."""
        value = self._values.get(name)
        if not isinstance(value, str) or len(value) > longest or "\x00" in value or not _is_whole(value):
            raise BadInput(field=name)
        return value

    def optional_text(self, name: str, *, longest: int = LONGEST_TEXT) -> str | None:
        """A text, or None where the field is missing or null."""
        return self.text(name, longest=longest) if self.has(name) else None

    def integer(self, name: str) -> int:
        """An integer; a float that happens to be whole, or a bool, is none."""
        value = self._values.get(name)
        if type(value) is not int or abs(value) > 2**63 - 1:
            raise BadInput(field=name)
        return value

    def optional_integer(self, name: str) -> int | None:
        """An integer, or None where the field is missing or null."""
        return self.integer(name) if self.has(name) else None

    def flag(self, name: str) -> bool:
        """True or false; false where the field is missing or null."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            raise BadInput(field=name)
        return bool(value)

    def required_flag(self, name: str) -> bool:
        """True or false; nothing else, and not nothing."""
        value = self._values.get(name)
        if not isinstance(value, bool):
            raise BadInput(field=name)
        return value

    def part(self, name: str) -> Body:
        """An object inside the object."""
        value = self._values.get(name)
        if not isinstance(value, dict):
            raise BadInput(field=name)
        return Body(value)

    def parts(self, name: str) -> list[Body]:
        """A list of objects inside the object."""
        value = self._values.get(name)
        if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
            raise BadInput(field=name)
        return [Body(part) for part in value]


def read() -> Body:
    """The JSON object that this request carries; 415 when it says it carries something else, 400 when it is broken.

    It is UTF-8, and each object in it has each name once: which of two amounts was meant, nobody can tell.
    """
    if not request.is_json:
        raise UnsupportedMediaType()
    try:
        value = json.loads(request.get_data().decode(), object_pairs_hook=_once_each)
    except ValueError:
        raise BadRequest() from None
    except RecursionError:
        raise BadInput(field="body") from None
    if not isinstance(value, dict):
        raise BadInput(field="body")
    return Body(value)


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _is_whole(text: str) -> bool:
    """Whether the text has no half of a surrogate pair, which JSON can spell and nothing can encode."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
