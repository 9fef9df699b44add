"""The page of charts, and its figures alone for the open page to take in. For managers and owners."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from babel.dates import format_date, format_skeleton, get_day_names
from flask import g, render_template, request

from merchant import service, signed_in
from merchant.insight import charts, periods, queries
from merchant.insight.queries import Insight
from merchant.staff.roles import Role, needs
from shared.db.unit import Reader
from shared.web import format, months

doors = signed_in.pages("insight", "/insight")


@doors.get("")
@needs(Role.MANAGER)
def insight() -> str:
    """Charts of today, of seven days or of thirty."""
    return render_template("till/insight.html", **_shown())


@doors.get("/figures")
@needs(Role.MANAGER)
def figures() -> str:
    """The charts alone."""
    return render_template("till/insight_figures.html", **_shown())


def _shown() -> dict[str, Any]:
    """What the templates draw: the figures, the big chart's geometry, and how its bins are called."""
    zone = months.readers_zone(request.cookies)
    found = service.read(_read, shop_id=service.at().shop.id, name=request.args.get("period", ""), zone=zone)
    unit = service.unit()
    values = [each.taken_minor for each in found.bins]
    earlier = [each.earlier_minor for each in found.bins]
    drawn = _drawn(found)
    return {
        "found": found,
        "chart": charts.columns(values[drawn], earlier[drawn], fine=10**unit.exponent),
        "bins": [(bin, *_called(found, bin.at)) for bin in found.bins[drawn]],
        "zone": str(zone),
        "weekdays": get_day_names("abbreviated", locale=g.language),
        "charts": charts,
        "change_of": charts.change if found.is_comparable else lambda now, before: None,
        "short": lambda minor: format.short_money(minor, unit.code, g.language),
    }


def _drawn(found: Insight) -> slice:
    """The bins that are drawn: a day's opening hours, or all days."""
    if not found.period.is_one_day:
        return slice(None)
    busy = [number for number, each in enumerate(found.bins) if each.taken_minor or each.earlier_minor]
    return slice(*periods.opening(busy, len(found.bins)))


def _called(found: Insight, at: int) -> tuple[str, str]:
    """A bin's name under its bar, and its whole name in the table."""
    moment = datetime.fromtimestamp(at / 1000, found.period.zone)
    if found.period.is_one_day:
        return f"{moment.hour}", f"{moment:%H:%M}"
    weekday = format_date(moment.date(), "EEE", locale=g.language)
    short = weekday if found.period.name == periods.WEEK else f"{moment.day}"
    return short, str(format_skeleton("MMMEd", moment, locale=g.language))


def _read(reader: Reader, *, shop_id: str, name: str, zone: Any) -> Insight:
    return queries.insight(reader, shop_id=shop_id, period=periods.period(name, now=reader.now, zone=zone))
