"""A scenario file: YAML in, checked scenarios out, each step with the line that it stands in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from shared.testing.scenarios.grammar import BadScenario, Map, Names, Step, step_of

_LONGEST = 1 << 20
_PARTS = ("name", "people", "shops", "steps")


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story: who is in it, and what happens. `people` maps a name to the balance to begin with (None: the usual)."""

    file: Path
    name: str
    people: dict[str, int | None]
    shops: list[str]
    steps: list[Step]
    line: int


def read(path: Path) -> list[Scenario]:
    """The scenarios of a file, one in each YAML document; `BadScenario` names the first line that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadScenario(f"it cannot be read: {getattr(error, 'strerror', None) or error}", 1) from None
    if len(text) > _LONGEST:
        raise BadScenario("it is longer than a megabyte", 1)
    try:
        found = [_scenario(path, told) for told in yaml.load_all(text, _Loader) if told is not None]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BadScenario(f"no YAML: {error.problem or error.context}", mark.line + 1 if mark else 1) from None
    except yaml.YAMLError as error:
        raise BadScenario(f"no YAML: {error}", 1) from None
    if not found:
        raise BadScenario("there is no scenario in it", 1)
    return found


def _scenario(path: Path, told: Any) -> Scenario:
    if not isinstance(told, Map):
        raise BadScenario(f"a scenario is a mapping with {', '.join(_PARTS)}", 1)
    for part in told:
        if part not in _PARTS:
            raise BadScenario(f"a scenario has no {part!r}, only {', '.join(_PARTS)}", told.line_of(part))
    people, shops = _people(told), list(_named(told, "shops"))
    names = Names(list(people), shops)
    steps = told.get("steps")
    if not isinstance(steps, list) or not steps:
        raise BadScenario("steps is a list of what happens", told.line_of("steps"))
    made = [step_of(each, names, told.line_of("steps")) for each in steps]
    return Scenario(path, str(told.get("name") or path.stem), people, shops, made, told.line)


def _people(told: Map) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for name, about in _named(told, "people").items():
        given = about if isinstance(about, Map) else {}
        balance = given.get("balance")
        if set(given) - {"balance"} or (balance is not None and (type(balance) is not int or balance < 0)):
            line = told.line_of("people")
            raise BadScenario(f"of {name} there may be said {{balance: minor units}}, nothing else", line)
        found[name] = balance
    return found


def _named(told: Map, part: str) -> dict[str, Any]:
    """A list of names, or names with what is said of each."""
    given = told.get(part) or []
    names = list(given)
    if not isinstance(given, Map | list) or not all(isinstance(name, str) and name for name in names):
        raise BadScenario(f"{part} is a list of names", told.line_of(part))
    if len(set(names)) != len(names):
        raise BadScenario(f"a name stands twice among the {part}", told.line_of(part))
    return dict(given) if isinstance(given, Map) else dict.fromkeys(given)


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML's safe subset; mappings know their lines, and no key stands twice."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Map:
    made = Map()
    made.line, made.lines = node.start_mark.line + 1, {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            raise BadScenario(f"a name is a text, not {key!r}", line)
        if key in made:
            raise BadScenario(f"{key!r} stands twice", line)
        made[key] = loader.construct_object(value_node, deep=True)
        made.lines[key] = line
    return made


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
