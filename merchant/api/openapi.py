"""The OpenAPI 3.1 document of /v1, made from what the doors say of themselves (description.py) and what is true of all.

It is made from the app's own map of addresses, so it cannot name a door that is not there; a test sees to it that none
lacks a description.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask

from merchant.api import entry
from merchant.api.description import Description, File, Form, Schema
from shared import errors

TOP = "/v1/"
_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
_BY_HTTP = {
    "bad_request": 400, "not_allowed": 403, "not_found": 404, "method_not_allowed": 405, "request_too_large": 413,
    "unsupported_media_type": 415, "internal_error": 500,
}  # fmt: skip
"""Refusals that come before a door is found or its body is read."""
_ALWAYS = ("bad_input", "bad_request", "internal_error", "store_unavailable")
_BY_KEY = ("api_key_expired", "bad_api_key", "key_not_allowed", "rate_limited", "unknown_api_version")
_POSTED = ("bad_idempotency_key", "idempotency_conflict", "outcome_unknown", "request_too_large")
_SENT = ("unsupported_media_type",)
PROBLEM: Schema = {
    "type": "object",
    "description": "A refusal (RFC 9457). `code` is stable; `detail` is a sentence for people.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
    },
    "required": ["type", "title", "status", "code", "detail"],
}
_ABOUT = (
    "Charge, watch, refund and settle in Saoma. Amounts are in minor units, times in RFC 3339. Every POST may carry an"
    " `Idempotency-Key`: it is carried out once, and whoever asks again within 24 hours gets the first answer."
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One door: how it is reached, and what it says of itself. `text` is its docstring."""

    method: str
    path: str
    endpoint: str
    scope: str | None
    says: Description
    text: str

    @property
    def name(self) -> str:
        """Its name among all operations: the door's own."""
        return self.endpoint.rpartition(".")[2]

    @property
    def thing(self) -> str:
        """What it is about: the first word of its address."""
        return self.path.removeprefix(TOP).partition("/")[0].removesuffix(".json")

    @property
    def places(self) -> list[str]:
        """The names in its address."""
        return re.findall(r"{(\w+)}", self.path)

    def refusals(self) -> dict[int, list[str]]:
        """The codes that it may refuse with, by status."""
        codes = {*_ALWAYS, *self.says.refuses} | (set() if self.says.is_public else set(_BY_KEY))
        if self.method == "POST":
            codes |= {*_POSTED, *_SENT}
        return by_status(codes)


def common() -> dict[int, list[str]]:
    """What any call may be refused with."""
    return by_status({*_ALWAYS, *_BY_KEY, *_POSTED, *_SENT, "method_not_allowed", "not_found"})


def by_status(codes: Iterable[str]) -> dict[int, list[str]]:
    """The codes by their status, in order."""
    found: dict[int, list[str]] = {}
    for code in sorted(codes):
        found.setdefault(status_of(code), []).append(code)
    return dict(sorted(found.items()))


def status_of(code: str) -> int:
    """The HTTP status of a stable code; LookupError for one that nobody raises."""
    known = errors.all_codes()
    if code in _BY_HTTP:
        return _BY_HTTP[code]
    if code not in known:
        raise LookupError(f"a door says that it refuses with {code}, which nobody raises")
    return known[code].status


def operations(app: Flask) -> list[Operation]:
    """All described doors of /v1, by what they are about, each thing's in the order in which it was built."""
    found = [
        Operation(method, path, endpoint, getattr(door, "scope", None), door.description, inspect.getdoc(door) or "")
        for method, path, endpoint, door in _doors(app)
        if hasattr(door, "description")
    ]
    things = list(dict.fromkeys(each.thing for each in found))
    return sorted(found, key=lambda each: (things.index(each.thing), each.path.count("/")))


def undescribed(app: Flask) -> list[str]:
    """The doors of /v1 that say nothing of themselves."""
    return [f"{method} {path}" for method, path, _, door in _doors(app) if not hasattr(door, "description")]


def document(app: Flask, *, server_url: str) -> dict[str, Any]:
    """The whole document, for a service that is reached at `server_url`."""
    forms: dict[str, Schema] = {}
    paths: dict[str, dict[str, Any]] = {}
    listed = operations(app)
    for each in listed:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, forms)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Saoma merchant API", "version": entry.VERSION, "description": _ABOUT},
        "servers": [{"url": server_url}],
        "security": [{"key": []}],
        "tags": [{"name": thing} for thing in dict.fromkeys(each.thing for each in listed)],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "The shop's API key."}},
            "schemas": {"problem": PROBLEM, **dict(sorted(forms.items()))},
        },
    }


def _doors(app: Flask) -> Iterator[tuple[str, str, str, Any]]:
    """Method, address, endpoint and function of all that answers under /v1."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if rule.rule.startswith(TOP):
                yield method, _PLACE.sub(r"{\1}", rule.rule), rule.endpoint, app.view_functions[rule.endpoint]


def _operation(each: Operation, forms: dict[str, Schema]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": each.name,
        "tags": [each.thing],
        "summary": each.says.summary,
        "description": each.text,
        "parameters": _parameters(each),
        "responses": _responses(each, forms),
    }
    if each.says.sent is not None:
        content: dict[str, Any] = {"schema": _written(each.says.sent, forms)}
        if each.says.sent.example:
            content["example"] = dict(each.says.sent.example)
        told["requestBody"] = {
            "required": not each.says.is_sent_optional,
            "content": {"application/json": content},
        }
    if each.says.is_public:
        told["security"] = []
    if each.scope:
        told["x-scope"] = each.scope
    return told


def _parameters(each: Operation) -> list[dict[str, Any]]:
    text: Schema = {"type": "string", "minLength": 1}
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": text} for name in each.places
    ]
    for query in each.says.query:
        found.append(
            {
                "name": query.name,
                "in": "query",
                "required": query.is_required,
                "schema": dict(query.schema),
                "description": query.says,
            }
        )
    if not each.says.is_public:
        found.append({"name": "Saoma-Version", "in": "header", "schema": {"const": entry.VERSION}})
    if each.method == "POST":
        key = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}
        found.append({"name": "Idempotency-Key", "in": "header", "schema": key})
    return found


def _responses(each: Operation, forms: dict[str, Schema]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, answer in each.says.answers.items():
        content = {answer.media_type: {}} if isinstance(answer, File) else _json(_written(answer, forms))
        found[str(status)] = {"description": each.says.summary, "content": content}
    for status, codes in each.refusals().items():
        refused = {"properties": {"code": {"enum": codes}, "status": {"const": status}}}
        schema = {"allOf": [{"$ref": "#/components/schemas/problem"}, refused]}
        found[str(status)] = {
            "description": ", ".join(codes),
            "content": {"application/problem+json": {"schema": schema}},
        }
    return found


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _written(form: Form, forms: dict[str, Schema]) -> Schema:
    """A form by its name, having been written down with all that it is made of."""
    if form.name not in forms:
        forms[form.name] = {}
        forms[form.name] = _resolved(form.schema, forms)
    return {"$ref": f"#/components/schemas/{form.name}"}


def _resolved(schema: Any, forms: dict[str, Schema]) -> Any:
    """A schema whose inner forms are written down, and named as OpenAPI does."""
    if isinstance(schema, Mapping):
        if isinstance(schema.get("x-form"), Form):
            return _written(schema["x-form"], forms)
        return {name: _resolved(value, forms) for name, value in schema.items()}
    return [_resolved(value, forms) for value in schema] if isinstance(schema, list | tuple) else schema
