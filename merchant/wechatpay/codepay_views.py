"""The doors of code pay: charge what a phone shows, and take it back. How it stands is asked as of any order."""

from __future__ import annotations

from flask import Response

from merchant import service
from merchant.wechatpay import codepay, entry, fields

doors = entry.doors_of("wechatpay_codepay")


@doors.post("/pay/transactions/codepay")
def charge() -> Response:
    """Charge the customer's code; the order, paid, or 202 while the customer's phone is asked."""
    stands = service.run(codepay.charge, taken=codepay.asked(fields.read()))
    return entry.answer(*codepay.answer_of(stands, service.secret()))


@doors.post("/pay/transactions/out-trade-no/<out_trade_no>/reverse")
def reverse(out_trade_no: str) -> Response:
    """Take an order of code pay back: unpaid it is closed, paid it is given back."""
    merchant, given = entry.merchant(), fields.read()
    appid = fields.of_app(merchant, given)
    fields.asked_for(merchant, given.optional_text("mchid", longest=32), location="body")
    number = codepay.number_in(out_trade_no)
    stands = service.read(codepay.reversible, merchant=merchant, out_trade_no=number)
    kid = service.signers().own_kid(merchant.shop_id)
    order = service.read(codepay.prepare_reverse, stands=stands, kid=kid)
    service.run(codepay.reverse, merchant=merchant, out_trade_no=number, order=order)
    return entry.answer({"appid": appid, "mchid": merchant.mchid, "out_trade_no": number})
