"""How a door of /v1 says what it takes and gives: `@described(…)` beside the door, whichever room it stands in.

OpenAPI is made of these (openapi.py), and the page at /developer/api. What is true of every door (the key, the version,
the rate, JSON that is none) is added there; a door names what is its own. Schemas are JSON Schema as plain dicts; those
that have a name become components and are written once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from shared.money import MAX_MINOR

Door = TypeVar("Door", bound=Callable[..., Any])
Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string"}
TIME: Schema = {"type": "string", "format": "date-time"}
INTEGER: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
MINOR: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_MINOR}
FLAG: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object"}


@dataclass(frozen=True, slots=True)
class Form:
    """A JSON object with a name of its own, `snake_case`. `example` fills the page's curl."""

    name: str
    schema: Schema
    example: Mapping[str, Any] = field(default_factory=dict)

    def like(self, **example: Any) -> Form:
        """The form with an example of it."""
        return replace(self, example=example)


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is no JSON."""

    media_type: str


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter behind the question mark. `says` is a sentence."""

    name: str
    schema: Schema
    says: str
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Description:
    """What a door says of itself; see `described`."""

    summary: str
    sent: Form | None
    is_sent_optional: bool
    query: Sequence[Query]
    answers: Mapping[int, Form | File]
    refuses: Sequence[str]
    is_public: bool


def described(
    summary: str,
    *,
    answers: Mapping[int, Form | File],
    sent: Form | None = None,
    is_sent_optional: bool = False,
    query: Sequence[Query] = (),
    refuses: Sequence[str] = (),
    is_public: bool = False,
) -> Callable[[Door], Door]:
    """Describe a door. `summary` is a short title; the door's docstring is its text.

    `answers`: the form by status, of the answers that are no refusals. `sent`: the form of the body, None for a door
    that takes none; `is_sent_optional` where it may be left out. `refuses`: the codes of its own refusals, whose
    statuses are those of their classes. `is_public`: opens without a key.
    """
    told = Description(summary, sent, is_sent_optional, tuple(query), answers, tuple(refuses), is_public)

    def mark(door: Door) -> Door:
        door.description = told  # type: ignore[attr-defined]
        return door

    return mark


def form(name: str, /, **fields: Schema | Form) -> Form:
    """An object of an answer: all of these fields are always there, and later versions may add more."""
    shown = {each: of(what) for each, what in fields.items()}
    return Form(name, {"type": "object", "properties": shown, "required": list(shown)})


def body(name: str, /, *required: str, **fields: Schema | Form) -> Form:
    """An object that is sent: these fields and no others; those named in `required` must be there."""
    shown = {each: of(what) for each, what in fields.items()}
    schema = {"type": "object", "properties": shown, "additionalProperties": False}
    return Form(name, {**schema, "required": list(required)} if required else schema)


def page_of(item: Form) -> Form:
    """The answer of a list (paging.py)."""
    kind: Schema = {"type": "string", "const": "list"}
    return form(f"list_of_{item.name}", object=kind, data=list_of(item), has_more=FLAG, url=TEXT)


def of(what: Schema | Form) -> Schema:
    """A form inside another: by its name. openapi.py finds it by `x-form`, which it takes out."""
    if not isinstance(what, Form):
        return what
    return {"$ref": f"#/components/schemas/{what.name}", "x-form": what}


def named(kind: str) -> Schema:
    """The object's own kind: a constant."""
    return {"type": "string", "const": kind}


def id_of(prefix: str) -> Schema:
    """An id of this kind (`pi`, `rf`, …)."""
    return {"type": "string", "pattern": f"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$"}


def choice(*texts: str) -> Schema:
    """One of these texts."""
    return {"type": "string", "enum": list(texts)}


def text(longest: int, shortest: int = 0) -> Schema:
    """A text of so many characters at most."""
    return {"type": "string", "maxLength": longest, "minLength": shortest}


def integer(least: int, most: int) -> Schema:
    """An integer within bounds."""
    return {"type": "integer", "minimum": least, "maximum": most}


def list_of(item: Schema | Form, most: int | None = None) -> Schema:
    """A list of these."""
    return {"type": "array", "items": of(item)} | ({"maxItems": most} if most is not None else {})


def map_of(value: Schema | Form) -> Schema:
    """An object whose names are free."""
    return {"type": "object", "additionalProperties": of(value)}


def nullable(what: Schema | Form) -> Schema:
    """This, or null."""
    return {"anyOf": [of(what), {"type": "null"}]}
