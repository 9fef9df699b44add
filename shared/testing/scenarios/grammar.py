"""What a scenario may say: its verbs, the fields of each, and what each field holds. Pure: a table and its checks."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

VERBS: dict[str, dict[str, str]] = {
    "charge": {
        "shop": "shop", "amount": "amount", "as": "new sale", "capture?": "text", "memo?": "text", "reference?": "text",
        "ttl_s?": "count",
    },
    "scan": {"who": "person", "for": "sale"},
    "pay": {"who": "person", "for": "sale", "pin?": "text"},
    "show_code": {"who": "person", "as": "new code", "cap?": "amount"},
    "accept": {"for": "sale", "code": "code"},
    "confirm": {"who": "person", "for": "sale"},
    "decline": {"who": "person", "for": "sale"},
    "test_pay": {"payer": "text", "for": "sale"},
    "cancel": {"for": "sale"},
    "capture": {"for": "sale", "amount?": "amount"},
    "void": {"for": "sale"},
    "refund": {"for": "sale", "amount?": "amount", "reason?": "text"},
    "dispute": {"who": "person", "for": "sale", "as": "new dispute", "amount?": "amount", "reason?": "text"},
    "answer": {"dispute": "dispute", "words": "text"},
    "give_in": {"dispute": "dispute"},
    "decide": {"dispute": "dispute", "won": "flag"},
    "send": {"from": "person", "to": "person", "amount": "amount"},
    "top_up": {"who": "person", "amount": "amount"},
    "advance": {"days?": "number", "hours?": "number", "minutes?": "number", "seconds?": "number", "past?": "sale"},
    "settle": {},
    "fault": {"shop": "shop", "fault": "text", "next?": "count", "kind?": "text", "delay_s?": "count"},
    "refuse_webhooks": {"shop": "shop", "type": "text", "times?": "count", "status?": "count"},
    "call": {"shop": "shop", "method": "text", "path": "text", "body?": "map", "gives?": "map"},
    "expect": {
        "status?": "map of sale", "balance?": "map of person", "captured?": "map of sale", "refunded?": "map of sale",
        "disputes?": "map of dispute",
        "webhooks?": "map of sale", "refused_webhooks?": "map of sale",
        "forged_webhooks?": "map of sale", "settled?": "map of shop",
    },
}  # fmt: skip
"""Verb → its fields, `?` after the name of one that may be left out → what it holds."""

_TYPES: dict[str, tuple[type, ...]] = {
    "amount": (int,), "count": (int,), "number": (int, float), "text": (str,), "map": (dict,), "flag": (bool,),
}  # fmt: skip
_MADE = ("sale", "code", "dispute")
"""What steps make and name."""
_LEAST = {"amount": 1, "count": 0, "number": 0}
_SAID = {
    "amount": "a whole number of minor units, 1 or more",
    "count": "a whole number, 0 or more",
    "number": "a number, 0 or more",
    "text": "a text",
    "map": "names with values",
    "flag": "yes or no",
}


class BadScenario(Exception):
    """What is wrong with a scenario, and in which line (1 is the first)."""

    def __init__(self, why: str, line: int) -> None:
        super().__init__(why)
        self.why = why
        self.line = line


class Map(dict[str, Any]):
    """A YAML mapping with its line and those of its keys."""

    line: int = 1
    lines: dict[str, int]

    def line_of(self, key: str) -> int:
        """The line in which a key stands; the mapping's own for one that is not there."""
        return self.lines.get(key, self.line)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its verb, the verb's fields, and the refusal that it must meet (None: it must succeed)."""

    verb: str
    given: Map
    refused: str | None
    line: int


class Names:
    """What a scenario has named so far, by kind: `person`, `shop`, `sale`, `code`, `dispute`."""

    def __init__(self, people: list[str], shops: list[str]) -> None:
        self._known = {"person": set(people), "shop": set(shops)} | {kind: set[str]() for kind in _MADE}

    def find(self, kind: str, name: Any, line: int) -> None:
        """`BadScenario` unless there is such a thing."""
        if not isinstance(name, str) or name not in self._known[kind]:
            raise BadScenario(f"there is no {kind} {name!r} here{_like(str(name), self._known[kind])}", line)

    def make(self, kind: str, name: Any, line: int) -> None:
        """Take note of a new one."""
        if not isinstance(name, str) or not name:
            raise BadScenario(f"a {kind} is named by a text, not {name!r}", line)
        if name in self._known[kind]:
            raise BadScenario(f"there is a {kind} {name!r} already", line)
        self._known[kind].add(name)


def step_of(said: Any, names: Names, line: int) -> Step:
    """A step as its mapping says it, checked as far as can be before anything is played."""
    if not isinstance(said, Map):
        raise BadScenario("a step is a verb with its fields, such as - pay: {who: ana, for: coffee}", line)
    verbs = [key for key in said if key not in ("refused", "note")]
    if len(verbs) != 1:
        raise BadScenario(f"a step has one verb, not {len(verbs)}: {', '.join(verbs) or 'none'}", said.line)
    [verb] = verbs
    if verb not in VERBS:
        raise BadScenario(f"there is no verb {verb!r}{_like(verb, VERBS)}", said.line_of(verb))
    given = said[verb] if said[verb] is not None else _empty(said.line_of(verb))
    if not isinstance(given, Map):
        raise BadScenario(f"{verb} takes fields, such as {{{', '.join(VERBS[verb])}}}", said.line_of(verb))
    _check_fields(verb, given, names)
    refused = said.get("refused")
    if refused is not None and (not isinstance(refused, str) or verb == "expect"):
        raise BadScenario("refused names the code of a refusal, such as intent_closed", said.line_of("refused"))
    return Step(verb, given, refused, said.line_of(verb))


def _check_fields(verb: str, given: Map, names: Names) -> None:
    fields = {name.rstrip("?"): kind for name, kind in VERBS[verb].items()}
    for name in given:
        if name not in fields:
            raise BadScenario(f"{verb} has no field {name!r}{_like(name, fields)}", given.line_of(name))
    for name in VERBS[verb]:
        if not name.endswith("?") and name not in given:
            raise BadScenario(f"{verb} needs {name!r}", given.line)
    if verb in ("expect", "advance") and not given:
        raise BadScenario(f"{verb} needs one of {', '.join(fields)}", given.line)
    for name, value in given.items():
        _check(name, fields[name], value, names, given.line_of(name))


def _check(name: str, kind: str, value: Any, names: Names, line: int) -> None:
    made, _, new = kind.partition(" ")
    if made == "new":
        names.make(new, value, line)
    elif kind in ("person", "shop", *_MADE):
        names.find(kind, value, line)
    elif kind.startswith("map of "):
        if not isinstance(value, Map) or not value:
            raise BadScenario(f"{name} takes names with what is expected of each", line)
        for key in value:
            names.find(kind.removeprefix("map of "), key, value.line_of(key))
    elif not isinstance(value, _TYPES[kind]) or isinstance(value, bool) != (kind == "flag") or _is_small(kind, value):
        raise BadScenario(f"{name} is {_SAID[kind]}, not {value!r}", line)


def _is_small(kind: str, value: Any) -> bool:
    return kind in _LEAST and bool(value < _LEAST[kind])


def _empty(line: int) -> Map:
    made = Map()
    made.line, made.lines = line, {}
    return made


def _like(name: str, known: Any) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
