"""The pages about money: what there is, the batches, one batch with its fees explained, one month. For managers."""

from __future__ import annotations

from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from babel.dates import format_skeleton
from babel.numbers import format_decimal
from flask import Response, g, render_template, request

from merchant import service, signed_in
from merchant.money import history, match, month, position
from merchant.staff.roles import Role, needs
from shared.db.unit import Reader
from shared.settlement.fees import Rate
from shared.web import format, months

doors = signed_in.pages("money", "/money")


@doors.context_processor
def furnish() -> dict[str, Any]:
    """How a rate reads, an amount that is finer than the currency, a day."""
    return {"rate_text": _rate_text, "exact": _exact, "called": _day_called}


@doors.get("")
@needs(Role.MANAGER)
def overview() -> str:
    """What the shop has and where it lies; its batches, newest first, below what the next one will hold."""
    asked = {"before": request.args.get("before"), "zone": months.readers_zone(request.cookies)}
    return render_template("till/money.html", **service.read(_overview, shop_id=_shop_id(), **asked))


@doors.get("/batches/<id>")
@needs(Role.MANAGER)
def batch(id: str) -> str:
    """What one batch is made of, how its fee comes about, and what became of its payout."""
    found = service.read(history.detail, id=id, shop_id=_shop_id())
    return render_template("till/batch.html", found=found, matched=_matched(id))


@doors.get("/batches/<id>/paper")
@needs(Role.MANAGER)
def batch_paper(id: str) -> str:
    """The batch as a sheet of A4."""
    found = service.read(history.detail, id=id, shop_id=_shop_id(), most=history.MOST_ON_PAPER)
    return render_template("till/batch_paper.html", found=found, matched=_matched(id))


@doors.get("/batches/<id>/match")
@needs(Role.MANAGER)
def batch_match(id: str) -> str:
    """Whether sales, ledger and file agree about a batch: the badge alone, which the list asks for row by row."""
    return render_template("till/match.html", matched=_matched(id))


@doors.get("/batches/<id>/file")
@needs(Role.MANAGER)
def batch_file(id: str) -> Response:
    """The batch's settlement file, to be kept."""
    name, content = service.read(history.file_of, id=id, shop_id=_shop_id())
    return _kept(name, content)


@doors.get("/months/<name>")
@needs(Role.MANAGER)
def month_paper(name: str) -> str:
    """A month's statement as a sheet of A4: what came and went, day by day."""
    found = service.read(month.statement, shop_id=_shop_id(), name=name, zone=months.readers_zone(request.cookies))
    return render_template("till/month.html", found=found)


@doors.get("/months/<name>/file")
@needs(Role.MANAGER)
def month_file(name: str) -> Response:
    """Every movement of a month, as CSV."""
    zone, shop = months.readers_zone(request.cookies), service.at().shop
    rows = service.read(month.table, shop_id=shop.id, name=name, zone=zone)
    return _kept(f"{shop.handle}-{name}.csv", rows)


def _overview(reader: Reader, *, shop_id: str, before: str | None, zone: tzinfo) -> dict[str, Any]:
    """A page of batches; the first one with where the money lies and the months that there are, all of one moment."""
    found: dict[str, Any] = {"found": history.overview(reader, shop_id=shop_id, before=before)}
    if before is None:
        where, choices = position.now(reader, shop_id=shop_id), month.choices(reader, shop_id=shop_id, zone=zone)
        found |= {"is_first": True, "where": where, "months": choices}
    return found


def _shop_id() -> str:
    return service.at().shop.id


def _matched(id: str) -> match.Match:
    return match.of_batch(service.store(), id=id, shop=service.at().shop, data_dir=service.config().data_dir)


def _kept(name: str, content: bytes) -> Response:
    answer = Response(content, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _rate_text(rate: Rate) -> str:
    """`0.6 %`, and the fixed part where there is one."""
    percent = f"{(Decimal(rate.basis_points) / 100).normalize():f}"
    if not rate.fixed_minor:
        return str(g.say("settlements.rate", percent=percent))
    fixed = format.money(rate.fixed_minor, service.unit().code, g.language)
    return str(g.say("settlements.rate_fixed", percent=percent, fixed=fixed))


def _day_called(at: int) -> str:
    """A day's name: `Sat, 21 Nov`."""
    moment = datetime.fromtimestamp(at / 1000, months.readers_zone(request.cookies))
    return str(format_skeleton("MMMEd", moment, locale=g.language))


def _exact(minor: Decimal | int, sign: bool = False) -> str:
    """Minor units and parts of one, in major units with as many digits as it takes: 7.5 is `0.075` for CNY."""
    exponent = service.unit().exponent
    value = abs(Decimal(minor)).scaleb(-exponent)
    digits = format_decimal(value, "0." + "0" * exponent + "####", locale=g.language)
    mark = "\N{MINUS SIGN}" if minor < 0 else "+" if sign and minor else ""
    return f"{mark}{digits}"
