"""How the console says things: rates, deeds, kinds of transfers; and how it reads what is typed there."""

from __future__ import annotations

import re
from decimal import Decimal

from flask import current_app, g

from merchant import service
from merchant.operating.deeds import Done
from shared import money
from shared.errors import BadInput
from shared.settlement.fees import Rate
from shared.web import format
from shared.web.catalog import Catalog

_PERCENT = re.compile(r"\s*([0-9]{1,3})(?:[.,]([0-9]{1,2}))?\s*%?\s*\Z", re.ASCII)
_NOTHING = re.compile(r"\s*0*[.,]?0*\s*\Z", re.ASCII)


def basis_points(text: str) -> int:
    """Hundredths of a percent from a typed percentage: `0.6` is 60; `bad_input` otherwise."""
    found = _PERCENT.match(text)
    if not found:
        raise BadInput(field="percent")
    return int(found.group(1)) * 100 + int((found.group(2) or "").ljust(2, "0"))


def minor_or_none(text: str) -> int | None:
    """A typed amount in minor units; None where nothing or zero was typed."""
    return None if _NOTHING.match(text) else money.parse_major(text, service.unit())


def percent(rate: Rate) -> str:
    """`0.6`: the proportional part as it is typed."""
    return f"{(Decimal(rate.basis_points) / 100).normalize():f}"


def rate_text(rate: Rate) -> str:
    """`0.6 %`, and the fixed part where there is one."""
    if not rate.fixed_minor:
        return str(g.say("settlements.rate", percent=percent(rate)))
    fixed = format.money(rate.fixed_minor, service.unit().code, g.language)
    return str(g.say("settlements.rate_fixed", percent=percent(rate), fixed=fixed))


def deed_text(done: Done) -> str:
    """The sentence of a deed, its amounts and rates written out."""
    details = dict(done.details)
    if "amount_minor" in details:
        details["amount"] = format.money(int(details["amount_minor"]), service.unit().code, g.language)
    if "basis_points" in details:
        details["rate"] = rate_text(Rate(int(details["basis_points"]), int(details["fixed_minor"])))
    return str(g.say(f"deed.{done.what}", **details))


def kind_text(kind: str) -> str:
    """A kind of transfer in words; the bare word where the catalogue has none."""
    catalog: Catalog = current_app.extensions["saoma_catalog"]
    key = f"moved.{kind}"
    return str(g.say(key)) if catalog.keys() & {key} else kind
