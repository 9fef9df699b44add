"""Options: what a customer chooses about an item, in groups, and what each choice adds to its price. Pure.

A group and a choice keep their ids through edits, so that a cart that was filled before an edit still means the same.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shared.errors import BadInput

MOST_GROUPS, MOST_CHOICES = 6, 12


class OptionsUnfit(BadInput):
    """An item's options name a group or a choice badly, twice or too many, or could make the item free."""

    code = "options_unfit"


class ChoiceUnfit(BadInput):
    """What was chosen about an item does not fit its options: missing, unknown, twice, or too many of a group."""

    code = "choice_unfit"


@dataclass(frozen=True, slots=True)
class Choice:
    """`Large`, with what it adds to the price in minor units; less than nothing takes off."""

    id: str
    name: str
    delta_minor: int


@dataclass(frozen=True, slots=True)
class Group:
    """`Size`: at most `most` of the choices, at least one where it `is_required`."""

    id: str
    name: str
    choices: tuple[Choice, ...]
    most: int = 1
    is_required: bool = False


Groups = tuple[Group, ...]


def picked(groups: Groups, chosen: Collection[str], *, item: str = "") -> list[Choice]:
    """The choices of these ids, in the groups' order; `choice_unfit` (naming `item` and the group) otherwise."""
    found: list[Choice] = []
    for group in groups:
        of_group = [choice for choice in group.choices if choice.id in chosen]
        if len(of_group) > group.most or (group.is_required and not of_group):
            raise ChoiceUnfit(item=item, group=group.name)
        found += of_group
    if len(found) != len(chosen):
        raise ChoiceUnfit(item=item, group="")
    return found


def delta_minor(choices: Sequence[Choice]) -> int:
    """What these choices add to an item's price."""
    return sum(choice.delta_minor for choice in choices)


def least_minor(groups: Groups) -> int:
    """The most that choices can take off: the sum of each group's cheapest way out, zero or less where one is free."""
    return sum(_least_of(group) for group in groups)


def most_minor(groups: Groups) -> int:
    """The most that choices can add."""
    return sum(
        sum(sorted((max(0, choice.delta_minor) for choice in group.choices), reverse=True)[: group.most])
        for group in groups
    )


def as_json(groups: Groups) -> str:
    """How options lie in the database; `from_json` reads them."""
    return json.dumps(as_data(groups), ensure_ascii=False, separators=(",", ":"))


def as_data(groups: Groups) -> list[dict[str, object]]:
    """Options as plain data, for the database and for pages' scripts."""
    return [
        {
            "id": group.id,
            "name": group.name,
            "most": group.most,
            "is_required": group.is_required,
            "choices": [
                {"id": choice.id, "name": choice.name, "delta_minor": choice.delta_minor} for choice in group.choices
            ],
        }
        for group in groups
    ]


def from_json(text: str) -> Groups:
    """The options that `as_json` wrote."""
    return tuple(
        Group(
            group["id"],
            group["name"],
            tuple(Choice(choice["id"], choice["name"], choice["delta_minor"]) for choice in group["choices"]),
            group["most"],
            group["is_required"],
        )
        for group in json.loads(text)
    )


def _least_of(group: Group) -> int:
    deltas = sorted(choice.delta_minor for choice in group.choices)
    taken = [delta for delta in deltas if delta < 0][: group.most]
    return sum(taken) if taken or not group.is_required else deltas[0]
