"""The page of the log: who did what, newest first, to be narrowed to one person or one kind of thing."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request

from merchant import service, signed_in
from merchant.activity import queries
from merchant.activity.queries import Done
from merchant.staff import members
from merchant.staff.roles import Role, needs
from shared.web import format

doors = signed_in.pages("activity", "/activity")
_LEADS_TO = {
    "pi": "sales/", "mbr": "people/", "csh": "people/", "trm": "terminals#", "shf": "shifts/",
    "itm": "items/", "dsp": "disputes/", "sal": "split/", "bat": "money/batches/",
    "whe": "developer/webhooks/",
}  # fmt: skip
"""The page of a thing, by the prefix of its id."""


@doors.context_processor
def furnish() -> dict[str, Any]:
    """How an entry reads, and where it leads."""
    return {"sentence": _sentence, "leads_to": _leads_to, "noun_text": _noun}


@doors.get("")
@needs(Role.MANAGER)
def entries() -> str:
    """The log, a page at a time."""
    shop_id = service.at().shop.id
    wanted = {name: request.args.get(name, "")[:64].replace("\0", "") for name in ("by", "of", "before")}
    page = service.read(
        queries.page_of_shop, shop_id=shop_id, member_id=wanted["by"], noun=wanted["of"], before=wanted["before"]
    )
    people = service.read(members.of_shop, shop_id=shop_id)
    return render_template("till/activity.html", page=page, people=people, wanted=wanted)


def _sentence(entry: Done) -> str:
    """What was done, in words: amounts as money, a role by its name."""
    told: dict[str, object] = {}
    for name, value in entry.details.items():
        if name.endswith("_minor"):
            told[name.removesuffix("_minor")] = format.money(int(value), service.unit().code, g.language)
        else:
            told[name] = g.say(f"role.{value}") if name == "role" else value
    return _said(f"activity.{entry.what}", entry.what, **told)


def _said(key: str, otherwise: str, **told: object) -> str:
    """The sentence of a key; an entry of another version, which this one has no words for, is shown as it is."""
    try:
        return str(g.say(key, **told))
    except KeyError:
        return otherwise


def _noun(noun: str) -> str:
    """What a kind of entries is called."""
    return _said(f"activity_noun.{noun}", noun)


def _leads_to(entry: Done) -> str:
    """The path of the page about an entry's subject; empty where there is none."""
    start = _LEADS_TO.get(entry.subject.partition("_")[0])
    return start + entry.subject if start else ""
