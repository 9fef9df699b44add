"""The API's page: the descriptions that make the OpenAPI document, laid out for people. Pure but for the app's map."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask

from merchant.api import openapi
from merchant.api.description import File, Form, Schema
from merchant.api.openapi import Operation


@dataclass(frozen=True, slots=True)
class Field:
    """A line of a table: a field or a parameter, what it is, and what it says."""

    name: str
    kind: str
    is_required: bool = False
    says: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One door on the page. `answers` are names of forms, or media types; `curl` follows the service's address."""

    operation: Operation
    parameters: Sequence[Field]
    sent: Sequence[Field]
    answers: Mapping[int, str]
    refusals: Mapping[int, Sequence[str]]
    curl: str

    @property
    def text(self) -> list[list[str]]:
        """The door's text in paragraphs, each cut so that every second piece is a name and not prose."""
        return [part.split("`") for part in self.operation.text.split("\n\n")]


@dataclass(frozen=True, slots=True)
class Chapter:
    """All doors to one kind of thing, and the forms that only they answer with or that come first here."""

    thing: str
    entries: Sequence[Entry]
    forms: Mapping[str, Sequence[Field]]

    @property
    def title(self) -> str:
        """`Payment intents`."""
        return self.thing.replace("_", " ").capitalize()


def chapters(app: Flask) -> list[Chapter]:
    """The whole page, in the document's order."""
    found: dict[str, list[Operation]] = {}
    for each in openapi.operations(app):
        if each.says.is_public:
            continue  # the document itself, to which the page's head leads
        found.setdefault(each.thing, []).append(each)
    told: set[str] = set()
    return [_chapter(thing, listed, told) for thing, listed in found.items()]


def kind_of(schema: Schema) -> str:
    """What a value is, in a few words: `integer`, `time`, `list of refund`, `text or null`."""
    if "x-form" in schema:
        return str(schema["x-form"].name)
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(kind_of(each) for each in schema["anyOf"]))
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    kind = str(schema.get("type", "anything"))
    if kind == "array":
        return f"list of {kind_of(schema['items'])}"
    if kind == "integer" and "minimum" in schema and "maximum" in schema:
        return f"integer, {schema['minimum']:,} to {schema['maximum']:,}"
    if kind == "string":
        return _text(schema)
    return kind


def _text(schema: Schema) -> str:
    if schema.get("format") == "date-time":
        return "time"
    if "pattern" in schema and str(schema["pattern"]).startswith("^") and "_[" in str(schema["pattern"]):
        return str(schema["pattern"])[1:].partition("[")[0] + "…"
    return f"text, at most {schema['maxLength']:,}" if "maxLength" in schema else "text"


def _chapter(thing: str, listed: Sequence[Operation], told: set[str]) -> Chapter:
    forms: dict[str, Sequence[Field]] = {}
    for each in listed:
        for answer in each.says.answers.values():
            if isinstance(answer, Form):
                _gather(answer, forms, told)
    return Chapter(thing, [_entry(each) for each in listed], forms)


def _gather(form: Form, forms: dict[str, Sequence[Field]], told: set[str]) -> None:
    """Write a form down where it is met first, and whatever it is made of; a list is only its items."""
    if form.name in told or "properties" not in form.schema:
        return
    told.add(form.name)
    if not form.name.startswith("list_of_"):
        forms[form.name] = _fields(form.schema)
    for inner in _inside(form.schema):
        _gather(inner, forms, told)


def _inside(schema: Any) -> list[Form]:
    if isinstance(schema, Mapping):
        own = [schema["x-form"]] if isinstance(schema.get("x-form"), Form) else []
        return own + [form for value in schema.values() for form in _inside(value)]
    return [form for value in schema for form in _inside(value)] if isinstance(schema, list | tuple) else []


def _fields(schema: Schema) -> list[Field]:
    required = schema.get("required", ())
    return [
        Field(name, kind_of(value), name in required, str(value.get("description", "")))
        for name, value in schema.get("properties", {}).items()
    ]


def _entry(each: Operation) -> Entry:
    says = each.says
    return Entry(
        operation=each,
        parameters=[Field(query.name, kind_of(query.schema), query.is_required, query.says) for query in says.query],
        sent=_fields(says.sent.schema) if says.sent else [],
        answers={
            status: answer.media_type if isinstance(answer, File) else answer.name
            for status, answer in says.answers.items()
        },
        refusals=_own_refusals(each),
        curl=_curl(each),
    )


def _own_refusals(each: Operation) -> dict[int, list[str]]:
    """The codes that this door names; those of every door stand once at the top of the page."""
    return openapi.by_status(set(each.says.refuses) - {"bad_input"})


def _curl(each: Operation) -> str:
    path = each.path
    for place in each.places:
        path = path.replace("{" + place + "}", place.upper())
    lines = [f"curl -s $SAOMA{path}"]
    if each.method not in ("GET", "POST"):
        lines[0] = f"curl -s -X {each.method} $SAOMA{path}"
    if not each.says.is_public:
        lines.append('-H "Authorization: Bearer $SAOMA_KEY"')
    if each.method == "POST":
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
        body = dict(each.says.sent.example) if each.says.sent else {}
        lines += ['-H "Content-Type: application/json"', f"-d '{json.dumps(body, ensure_ascii=False)}'"]
    return " \\\n  ".join(lines)
