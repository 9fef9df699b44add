"""Code pay: the shop takes the code that a customer's phone shows, asks how it went, and takes it back if need be.

The order comes into being together with the charge: a code that is refused leaves nothing behind, and the same number
may be tried again with another code. Above the customer's no-PIN limit the phone is asked, and the order is
`USERPAYING` until it answers.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from merchant import service
from merchant.checkout import actions as checkout
from merchant.checkout import presenting
from merchant.wechatpay import entry, fields, ordering, placing, refusals, trades
from merchant.wechatpay.fields import Fields
from merchant.wechatpay.merchants import Merchant
from merchant.wechatpay.refusals import Refusal
from merchant.wechatpay.trades import MICROPAY, REVOKED, Standing, Trade
from shared.db.unit import Reader, UnitOfWork
from shared.identity import parties
from shared.identity.parties import Known
from shared.payments import intents, presented, shop_orders
from shared.payments.intents import PaymentIntent
from shared.payments.orders import Prepared
from shared.payments.outcomes import PaymentTimedOut

ASKED_FOR_MS = 120_000
"""How long a customer's phone is asked."""
REVERSED_WITHIN_MS = 7 * 86_400_000
LONGEST_CODE = 1024
"""An 18-digit number, or the text of a payer code, which is longer."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An order of code pay that is asked for: the intent to charge, and the order that charges it.

    `order` is None where the merchant's number was used before: then nothing is charged.
    """

    trade: Trade
    intent: PaymentIntent
    order: Prepared | None


def asked(given: Fields) -> Taken:
    """Read what is asked for, open the customer's code, seal the charge: dear, so before the writer's turn."""
    auth_code = given.part("payer").text("auth_code", longest=LONGEST_CODE)
    told = ordering.common(given)
    shop, is_known, now = service.read(_scene, merchant=entry.merchant(), out_trade_no=told["out_trade_no"])
    trade, intent = ordering.drafted(
        given, told, shop=shop, trade_type=MICROPAY, now=now, expires_at=now + ASKED_FOR_MS
    )
    if is_known:
        return Taken(trade, intent, None)
    code = presenting.frame_shown(shop, auth_code)
    signer, plays = service.signers().of_shop(shop.id), service.config().is_sandbox
    order = service.read(presented.prepare_for, signer=signer, intent=intent, code=code, plays=plays)
    return Taken(trade, intent, order)


def charge(uow: UnitOfWork, *, taken: Taken) -> Standing:
    """Place the order and charge the code for it, or do neither; an order that was placed before, as it stands.

    Only where no decision came in time the order stays, unpaid, as it would: it has to be asked about or taken back.
    """
    stands = placing.place(uow, trade=taken.trade, intent=taken.intent)
    if stands.trade.transaction_id != taken.trade.transaction_id:
        return stands
    if taken.order is None:
        raise refusals.invalid_request("请求冲突，请用相同参数重新调用")
    with suppress(PaymentTimedOut):
        presented.charge_presented(uow, order=taken.order)
    return trades.standing(uow, trade=taken.trade)


def reversible(reader: Reader, *, merchant: Merchant, out_trade_no: str) -> Standing:
    """The order to take back, when it is one of code pay and not a week old."""
    stands = trades.of_merchant(reader, merchant=merchant, out_trade_no=out_trade_no)
    if stands.trade.trade_type != MICROPAY:
        raise refusals.invalid_request("仅付款码支付的订单可以撤销，其他订单请关闭或退款")
    if stands.now > stands.trade.created_at + REVERSED_WITHIN_MS:
        raise refusals.invalid_request("支付超过7天的订单不可撤销，请申请退款")
    return stands


def prepare_reverse(reader: Reader, *, stands: Standing, kid: str | None) -> Prepared | None:
    """The order that gives back what is left of what was taken; None where nothing is."""
    if not stands.is_paid or stands.intent.refunded_minor >= stands.intent.captured_minor:
        return None
    return shop_orders.prepare_refund(
        reader,
        secret=service.secret(),
        shop_id=stands.intent.shop_id,
        intent_id=stands.intent.id,
        kid=kid,
        reason="撤销订单",
    )


def reverse(uow: UnitOfWork, *, merchant: Merchant, out_trade_no: str, order: Prepared | None) -> None:
    """Take an order back: nobody pays it any more, or what was paid is given back. Doing it again changes nothing."""
    stands = reversible(uow, merchant=merchant, out_trade_no=out_trade_no)
    if stands.trade.ended == REVOKED:
        return
    if order is not None:
        checkout.give_back(uow, order=order)
    elif not stands.is_paid:
        intents.give_up(uow, intent_id=stands.intent.id, shop_id=merchant.shop_id)
    elif stands.intent.refunded_minor < stands.intent.captured_minor:
        raise refusals.in_trouble()  # paid a moment ago: ask again
    placing.end(uow, trade=stands.trade, how=REVOKED)


def number_in(path: str) -> str:
    """The merchant's own number in an address."""
    return fields.checked_number(path, "out_trade_no", *ordering.NUMBER, location="path")


def answer_of(stands: Standing, secret: bytes) -> tuple[dict[str, Any], int]:
    """The order as code pay answers it: 202 while the customer is asked, a refusal where it failed or is not known."""
    if stands.state == "PAYERROR":
        raise Refusal(403, "TRADE_ERROR", "交易失败：用户未支付或支付失败", {"issue": stands.intent.state.value})
    if stands.state == "NOTPAY":
        raise Refusal(500, "SYSTEM_ERROR", "系统超时，请查询订单")
    return stands.as_json(secret), 202 if stands.state == "USERPAYING" else 200


def _scene(reader: Reader, *, merchant: Merchant, out_trade_no: str) -> tuple[Known, bool, int]:
    is_known = trades.find(reader, mchid=merchant.mchid, out_trade_no=out_trade_no) is not None
    return parties.by_id(reader, id=merchant.shop_id), is_known, reader.now
