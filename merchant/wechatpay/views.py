"""The doors of WeChat Pay API v3: certificates, Native orders, refunds. Code pay and bills stand beside."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from merchant import service
from merchant.wechatpay import certificates, entry, fields, ordering, placing, refunding, refusals, signing, trades
from shared.payments import shop_orders
from shared.web import wire

doors = entry.doors_of("wechatpay")


@doors.get("/certificates")
def show_certificates() -> Response:
    """The platform's certificate, encrypted with the merchant's API v3 key."""
    platform = entry.keeper().signer().platform
    starts, ends = certificates.validity(platform.certificate)
    api_key = entry.merchant().api_key(service.secret())
    told = {
        "serial_no": platform.serial,
        "effective_time": starts.isoformat(timespec="seconds"),
        "expire_time": ends.isoformat(timespec="seconds"),
        "encrypt_certificate": signing.encrypted(platform.certificate, api_key=api_key, associated_data="certificate"),
    }
    return entry.answer({"data": [told]})


@doors.post("/pay/transactions/native")
def place_native() -> Response:
    """Place an order that is paid by scanning its code; the code."""
    trade, intent = ordering.native(fields.read())
    placed = service.run(placing.place, trade=trade, intent=intent)
    wire.about(intent_id=placed.intent.id)
    return entry.answer({"code_url": service.code_text(placed.intent.code)})


@doors.get("/pay/transactions/out-trade-no/<out_trade_no>")
def query_by_own_number(out_trade_no: str) -> Response:
    """How the merchant's order of this number stands."""
    fields.asked_for(entry.merchant(), request.args.get("mchid", ""))
    number = fields.checked_number(out_trade_no, "out_trade_no", *ordering.NUMBER, location="path")
    return _told(out_trade_no=number)


@doors.get("/pay/transactions/id/<transaction_id>")
def query_by_our_number(transaction_id: str) -> Response:
    """How a paid order stands."""
    fields.asked_for(entry.merchant(), request.args.get("mchid", ""))
    return _told(transaction_id=transaction_id)


@doors.post("/pay/transactions/out-trade-no/<out_trade_no>/close")
def close(out_trade_no: str) -> Response:
    """Close an order that nobody has paid."""
    fields.asked_for(entry.merchant(), fields.read().optional_text("mchid", longest=32), location="body")
    number = fields.checked_number(out_trade_no, "out_trade_no", *ordering.NUMBER, location="path")
    closed = service.run(placing.close, merchant=entry.merchant(), out_trade_no=number)
    wire.about(intent_id=closed.intent_id)
    return Response(status=204)


@doors.post("/refund/domestic/refunds")
def refund() -> Response:
    """Give back what a paid order took, or a part of it."""
    asked = ordering.refund(fields.read())
    if isinstance(asked, refunding.Given):
        return entry.answer(asked.as_json())
    order = service.read(
        shop_orders.prepare_refund,
        secret=service.secret(),
        shop_id=entry.merchant().shop_id,
        intent_id=asked.intent_id,
        amount_minor=asked.amount_minor,
        kid=service.signers().own_kid(entry.merchant().shop_id),
        reason=asked.reason,
    )
    wire.about(intent_id=asked.intent_id)
    return entry.answer(service.run(refunding.refund, numbered=asked.numbered, order=order).as_json())


@doors.get("/refund/domestic/refunds/<out_refund_no>")
def query_refund(out_refund_no: str) -> Response:
    """How a refund stands."""
    found = service.read(refunding.by_number, mchid=entry.merchant().mchid, out_refund_no=out_refund_no[:256])
    if found is None:
        raise refusals.unknown_thing("退款单不存在")
    wire.about(intent_id=found.intent.id)
    return entry.answer(found.as_json())


@doors.route("/<path:anything>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def unknown(anything: str) -> Response:
    """What Saoma does not do of WeChat Pay's API."""
    raise refusals.unknown_thing(f"Saoma does not know {request.method} /v3/{anything[:80]}")


def _told(**number: Any) -> Response:
    stands = service.read(trades.of_merchant, merchant=entry.merchant(), **number)
    wire.about(intent_id=stands.intent.id)
    return entry.answer(stands.as_json(service.secret()))
