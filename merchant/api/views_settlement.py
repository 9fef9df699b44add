"""Settlement over the API: a shop's batches, what is in them, their files, and the payouts that they made."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from merchant import service
from merchant.api import entry, expanding, forms, paging, queries, shapes
from merchant.api.description import File, described
from merchant.api.paging import Page
from shared.db.unit import Reader
from shared.ids import is_id
from shared.settlement import batches, files
from shared.settlement.batches import Batch, UnknownBatch

doors = entry.doors_of("api_settlement")
_BATCH, _PAYOUT = "settlement_batch", "payout"


@doors.get("/settlement_batches")
@entry.allows("settlement_batches:read")
@described(
    "List settlement batches",
    query=(*paging.QUERY, *forms.BATCH_QUERY, expanding.query(_BATCH)),
    answers={200: forms.BATCHES},
    refuses=(*paging.REFUSES, "bad_expand"),
)
def list_batches() -> Response:
    """What was settled: one batch a cut-off, the newest first."""
    page, wanted = paging.asked("status", *queries.CREATED, also=expanding.NAMES), expanding.asked(_BATCH)
    return jsonify(service.read(_batches, page=page, wanted=wanted, seen_by=expanding.eye(entry.shop().id)))


@doors.get("/settlement_batches/<id>")
@entry.allows("settlement_batches:read")
@described(
    "Read a settlement batch",
    query=(expanding.query(_BATCH),),
    answers={200: forms.BATCH},
    refuses=("unknown_batch", "bad_expand"),
)
def show_batch(id: str) -> Response:
    """One batch with its sums: gross, refunds, lost disputes, fee, what was carried in, and the net."""
    paging.once_each(also=expanding.NAMES)
    wanted, seen_by = expanding.asked(_BATCH), expanding.eye(entry.shop().id)
    return jsonify(service.read(_batch, id=_checked(id), wanted=wanted, seen_by=seen_by))


@doors.get("/settlement_batches/<id>/lines")
@entry.allows("settlement_batches:read")
@described(
    "List a batch's lines",
    query=paging.QUERY,
    answers={200: forms.LINES},
    refuses=(*paging.REFUSES, "unknown_batch"),
)
def list_lines(id: str) -> Response:
    """Each sale, refund and lost dispute in a batch, in the order in which they happened."""
    page = paging.asked()
    found = service.read(queries.lines_of, batch_id=id, shop_id=entry.shop().id, page=page)
    return jsonify(paging.answer(page, found, shapes.line))


@doors.get("/settlement_batches/<id>/file")
@entry.allows("settlement_batches:read")
@described("Download a batch's file", answers={200: File("text/csv")}, refuses=("unknown_batch",))
def show_file(id: str) -> Response:
    """The settlement file (CSV), to be held against the shop's own books; its last line is the sum of all before it."""
    paging.once_each()
    shop = entry.shop()
    content = service.read(_file, id=_checked(id), shop_id=shop.id)
    response = Response(content, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{files.file_name(shop.handle, id)}"'
    return response


@doors.get("/payouts")
@entry.allows("payouts:read")
@described(
    "List payouts",
    query=(*paging.QUERY, *forms.PAYOUT_QUERY, expanding.query(_PAYOUT)),
    answers={200: forms.PAYOUTS},
    refuses=(*paging.REFUSES, "bad_expand"),
)
def list_payouts() -> Response:
    """What was sent to the shop's bank, the newest first."""
    page, wanted = paging.asked("status", *queries.CREATED, also=expanding.NAMES), expanding.asked(_PAYOUT)
    return jsonify(service.read(_payouts, page=page, wanted=wanted, seen_by=expanding.eye(entry.shop().id)))


@doors.get("/payouts/<id>")
@entry.allows("payouts:read")
@described(
    "Read a payout",
    query=(expanding.query(_PAYOUT),),
    answers={200: forms.PAYOUT},
    refuses=("unknown_payout", "bad_expand"),
)
def show_payout(id: str) -> Response:
    """One payout: on its way, arrived, or sent back by the bank with its reason."""
    paging.once_each(also=expanding.NAMES)
    wanted, seen_by = expanding.asked(_PAYOUT), expanding.eye(entry.shop().id)
    return jsonify(service.read(_payout, id=id, wanted=wanted, seen_by=seen_by))


def _checked(id: str) -> str:
    if not is_id(id, "bat"):
        raise UnknownBatch()
    return id


def _batches(reader: Reader, *, page: Page, wanted: list[str], seen_by: expanding.Eye) -> dict[str, Any]:
    found = queries.batches_of(reader, shop_id=seen_by.shop_id, page=page)
    return _listed(reader, _BATCH, paging.answer(page, found, shapes.batch), wanted, seen_by)


def _payouts(reader: Reader, *, page: Page, wanted: list[str], seen_by: expanding.Eye) -> dict[str, Any]:
    found = queries.payouts_of(reader, shop_id=seen_by.shop_id, page=page)
    return _listed(reader, _PAYOUT, paging.answer(page, found, shapes.payout), wanted, seen_by)


def _listed(
    reader: Reader, kind: str, listed: dict[str, Any], wanted: list[str], seen_by: expanding.Eye
) -> dict[str, Any]:
    return listed | {"data": expanding.expand(reader, kind, listed["data"], wanted, seen_by)}


def _batch(reader: Reader, *, id: str, wanted: list[str], seen_by: expanding.Eye) -> dict[str, Any]:
    found = shapes.batch(batches.of_shop(reader, id=id, shop_id=seen_by.shop_id))
    return expanding.expand(reader, _BATCH, [found], wanted, seen_by)[0]


def _payout(reader: Reader, *, id: str, wanted: list[str], seen_by: expanding.Eye) -> dict[str, Any]:
    found = shapes.payout(_of_payout(reader, id, seen_by.shop_id))
    return expanding.expand(reader, _PAYOUT, [found], wanted, seen_by)[0]


def _of_payout(reader: Reader, id: str, shop_id: str) -> Batch:
    try:
        return batches.of_shop(reader, id=shapes.batch_id(id), shop_id=shop_id)
    except UnknownBatch:
        raise shapes.UnknownPayout() from None


def _file(reader: Reader, *, id: str, shop_id: str) -> bytes:
    batches.of_shop(reader, id=id, shop_id=shop_id)
    return files.content_of(reader, batch_id=id)
