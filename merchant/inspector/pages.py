"""The pages of the inspector: the live list, its news, one row opened, and the whole story of a payment."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from flask import g, render_template, request

from merchant import service, signed_in
from merchant.inspector import callbacks, curl, entries, listing, opened, story
from merchant.inspector.entries import Call, Entry
from merchant.inspector.listing import Wanted
from merchant.staff.roles import Role, needs
from shared.ids import is_id
from shared.web import format

doors = signed_in.pages("inspector", "/inspector")
_LONGEST_SEARCH = 80
_MOST_WATCHED = 50
_JOINTS = (0, 2, 4, 20)
_SEAL_DIGITS = 128
_ID = re.compile(r"\b([a-z]{2,4}_[0-7][0-9a-z]{3})[0-9a-z]{18}([0-9a-z]{4})\b")


@doors.context_processor
def furnish() -> dict[str, Any]:
    """How a row reads, and how its inside is shown."""
    return {
        "said": _said, "slices": _slices, "pretty": opened.pretty, "curl_of": _curl, "span": _span, "short": _short,
        "is_kept": service.config().keeps_wire, "first_call": f"{service.config().merchant_url}/v1/payment_intents",
    }  # fmt: skip


@doors.get("")
@needs(Role.MANAGER)
def live() -> str:
    """The newest rows, or a page of older ones."""
    wanted, before = _wanted(), listing.place_of(request.args.get("before"))
    page = service.read(listing.older, shop_id=service.at().shop.id, wanted=wanted, before=before)
    return render_template(
        "inspector/live.html", page=page, wanted=wanted, kinds=("", *entries.KINDS), is_first=before is None
    )


@doors.get("/rows")
@needs(Role.MANAGER)
def rows() -> str:
    """What has happened since a place, and how callbacks that were on their way stand now."""
    shop_id, after = service.at().shop.id, listing.place_of(request.args.get("after"))
    place = after or service.read(listing.newest, shop_id=shop_id)
    page = service.read(listing.newer, shop_id=shop_id, wanted=_wanted(), after=place)
    watched = [id for id in request.args.get("watched", "")[:2000].split(",") if is_id(id, "dlv")][:_MOST_WATCHED]
    changed = service.read(callbacks.standing, ids=watched, shop_id=shop_id) if watched else []
    return render_template("inspector/rows.html", found=[*page.entries, *changed], newest=page.newest)


@doors.get("/entries/<id>")
@needs(Role.MANAGER)
def inside(id: str) -> str:
    """One row opened."""
    found = service.read(opened.entry, id=id, shop_id=service.at().shop.id)
    return render_template("inspector/inside.html", found=found)


@doors.get("/payments/<id>")
@needs(Role.MANAGER)
def payment(id: str) -> str:
    """The whole story of a payment; its address is good for as long as the shop is."""
    told = service.read(story.of_payment, id=id, shop_id=service.at().shop.id)
    return render_template("inspector/story.html", told=told, lanes=story.lanes(told.steps))


def _wanted() -> Wanted:
    """What the query asks for. Whoever looks for a payment by its id follows it."""
    kind, which, payment = (request.args.get(name, "") for name in ("kind", "which", "payment"))
    text = request.args.get("q", "").replace("\0", "").strip()[:_LONGEST_SEARCH]
    if is_id(text, "pi"):
        text, payment = "", text
    return Wanted(
        kind if kind in entries.KINDS else "",
        text,
        which if which in listing.WHICH else "",
        payment if is_id(payment, "pi") else "",
    )


def _said(entry: Entry) -> str:
    """A row in a sentence; empty where there is none for it."""
    unit, places = service.unit().code, dict(entry.places)
    for name in [name for name in places if name.endswith("_minor") and places[name] is not None]:
        currency = places.get("currency") or unit
        places[name.removesuffix("_minor")] = format.money(int(places[name]), currency, g.language)
    if "by_ms" in places:
        places["span"] = _span(int(places["by_ms"]))
    try:
        return str(g.say(f"inspector_said.{entry.said}", **places))
    except KeyError:
        return ""


def _short(name: str) -> str:
    """A name with its ids cut in the middle: `pi_01m8…1vd4`."""
    return _ID.sub(r"\1…\2", name)


def _span(ms: int) -> str:
    """A stretch of time, in its largest unit."""
    for name, size in (("days", 86_400_000), ("hours", 3_600_000), ("minutes", 60_000), ("seconds", 1000)):
        if name == "days" and abs(ms - size) < size / 100:
            return str(g.say("inspector_span.day"))
        if ms >= 2 * size or abs(ms - size) < size / 100:
            return str(g.say(f"inspector_span.{name}", count=f"{ms / size:.1f}".removesuffix(".0")))
    return str(g.say("inspector_span.ms", count=ms))


def _slices(frame: str) -> list[tuple[str, str]]:
    """A frame's hex cut at its joints: version, type, key, content, seal."""
    joints = (*_JOINTS, len(frame) - _SEAL_DIGITS, len(frame))
    names = ("version", "type", "key", "content", "seal")
    return [(name, frame[start:end]) for name, (start, end) in zip(names, pairwise(joints), strict=True)]


def _curl(call: Call) -> str:
    """The line that makes a program's call again."""
    return curl.of_call(call.method, service.config().merchant_url + call.path, call.asked_headers, call.asked)
